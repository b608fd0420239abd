import { MemoryStore } from 'express-session';
import type { Note } from './notebook.js';
import type { Storage } from './storage.js';

/** Stores everything in the memory of this process. */
export function memoryStorage(): Storage {
  const notes = new Map<string, readonly Note[]>();
  const phones = new Map<string, string>();
  return {
    sessions: new MemoryStore(),
    ledger: undefined,
    notebook: {
      add: async (user, note) => void notes.set(user, [note, ...(notes.get(user) ?? [])]),
      of: async (user) => notes.get(user) ?? [],
    },
    phones: {
      of: async (user) => phones.get(user),
      set: async (user, phone) => void phones.set(user, phone),
    },
    close: async () => undefined,
  };
}
