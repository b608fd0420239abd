import { attempt } from '../attempt.js';

/** The storage that all tabs share. If it is off, full or blocked, it seems to be empty. */
export const storage = {
  get: (name: string): string | undefined => attempt(() => localStorage[name] as string),
  set(name: string, value: string): void {
    attempt(() => (localStorage[name] = value));
  },
};
