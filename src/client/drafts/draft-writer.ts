import type { Draft } from './draft-book.js';
import type { DraftKeys } from './keys.js';
import type { Vault } from './vault.js';

/** Milliseconds between two writes while the user types. */
const PAUSE = 250;

/**
 * Writes drafts when they change. The first change is written at once. While the user types, the newest content is
 * written several times a second. So a crash loses less than a second.
 *
 * @param keysNow returns the keys; `undefined` while there are none. Then drafts wait
 */
export function draftWriter(vault: Vault, keysNow: () => DraftKeys | undefined) {
  const waiting = new Set<Draft>();
  let isPaused = false;
  let isFull = false;

  function flush(): void {
    if (keysNow()) for (const draft of waiting) void seal(draft);
  }

  async function seal(draft: Draft): Promise<void> {
    const keys = keysNow()!;
    waiting.delete(draft);
    const turn = (draft.turn = {});
    const sealed = await vault.seal(keys, draft);
    // In the meantime, the draft may have been sent or sealed with newer content, and the user may have signed out.
    if (draft.turn !== turn || draft.fields.size === 0 || keysNow() !== keys) return;
    try {
      vault.put(draft.name, sealed);
    } catch {
      if (!isFull) console.warn('nestjs-session-timeout: no room for drafts.');
      isFull = true;
    }
  }

  function resume(): void {
    if (isPaused || waiting.size === 0 || !keysNow()) return;
    isPaused = true;
    setTimeout(() => {
      isPaused = false;
      resume();
    }, PAUSE);
    flush();
  }

  return {
    flush,
    /** Writes the drafts that have waited for the keys. */
    resume,
    write(draft: Draft): void {
      if (draft.fields.size === 0) {
        waiting.delete(draft);
        return vault.remove(draft.name);
      }
      waiting.add(draft);
      resume();
    },
  };
}
