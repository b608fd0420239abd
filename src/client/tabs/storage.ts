import { attempt } from '../attempt.js';

/** The storage that all tabs share. It may be switched off, full or blocked: then it is empty. */
export const storage = {
  get: (name: string): string | null | undefined => attempt(() => localStorage.getItem(name)),
  set(name: string, value: string): void {
    attempt(() => localStorage.setItem(name, value));
  },
};
