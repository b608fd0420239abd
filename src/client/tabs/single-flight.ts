import { storage } from './storage.js';

/** How long a note in the storage is valid, in milliseconds. The tab that wrote it may have crashed. */
const LEASE = 5000;

/**
 * Runs `work` unless another tab is running it. Without locks (on plain http), a note in the storage replaces them.
 * Without storage, every tab runs it.
 *
 * @returns whether it was run
 */
export async function singleFlight(name: string, work: () => Promise<unknown>): Promise<boolean> {
  if ('locks' in navigator) {
    return navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock) await work();
      return !!lock;
    });
  }
  const left = +storage.get(name)! - Date.now();
  if (left > 0 && left <= LEASE) return false;
  const until = String(Date.now() + LEASE);
  storage.set(name, until);
  await work();
  if (storage.get(name) === until) storage.set(name, '');
  return true;
}
