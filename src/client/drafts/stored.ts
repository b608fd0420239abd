import { attempt } from '../attempt.js';

/** Whether this browser keeps any drafts. */
export function hasDrafts(): boolean | undefined {
  return attempt(() => /session-draft:/.test(`${Object.keys(localStorage)}`));
}

/** Deletes expired drafts, also while nobody is signed in. */
export function dropExpired(): void {
  attempt(() => {
    for (const [name, draft] of Object.entries<string>(localStorage)) {
      if (name.startsWith('session-draft:') && !(parseInt(draft) > Date.now())) localStorage.removeItem(name);
    }
  });
}
