import { useSyncExternalStore } from 'react';
import { startSessionTimeout } from 'nestjs-session-timeout/client';

const client = startSessionTimeout();

export const signOut = () => client.signOut();

export function useSession() {
  return useSyncExternalStore(client.subscribe, client.snapshot);
}
