import { attempt } from '../attempt.js';

/** The storage that all tabs share. If it is off, full or blocked, it seems to be empty. */
export const storage = {
  get: (name: string): string | null | undefined => attempt(() => localStorage.getItem(name)),
  set(name: string, value: string): void {
    attempt(() => localStorage.setItem(name, value));
  },
};
