import type { SessionTimeoutCore } from '../engine/core.js';
import { listen, together } from '../listen.js';
import type { Field } from '../ui/forms/field.js';
import type { DraftStrings } from '../ui/strings.js';
import { contentOf, groupOf, isOfType } from './content.js';
import { initialOf } from './filling.js';
import type { startDrafts } from './drafts.js';
import { type EarlyInput, FIELDS, isKept, keptField, noteSecrets } from './kept-field.js';
import { keepOffPaper } from './notice-place.js';
import { dropExpired, hasDrafts } from './stored.js';
import { ENGLISH_DRAFTS } from './strings.js';

/** Milliseconds until the part is loaded again if that failed. Each time, they double. */
const LOAD_AGAIN = 5000;
/** Fields that the user has changed and left. Other browsers ignore what they do not know in `:is()`. */
const CHANGED = ':is(:user-valid,:user-invalid)';

/**
 * Loads the part that keeps drafts when the user types into a field, or if there are drafts. Returns a function that
 * stops this.
 *
 * @param texts the texts in the language of the page, if there are any, and this language
 */
export function loadDrafts(
  client: SessionTimeoutCore,
  texts: () => DraftStrings & { readonly lang?: string },
): () => void {
  const early: EarlyInput = { before: new WeakMap(), touched: new Set() };
  let undo: (() => void) | undefined;
  let runs = true;
  let loads = false;
  let fails = 0;
  /** The tag of the user who has signed in. */
  let { user } = client.snapshot();

  /** Notes what a field contains before it changes. It may have been saved since the last change. */
  function onBefore(event: Event): void {
    const field = keptField(event);
    if (!field || early.touched.has(field)) return;
    const place = isOfType(field, 'radio') ? groupOf(field)[0] : field;
    early.before.set((place ?? field) as Field, contentOf(field));
  }

  function onInput(event: Event): void {
    const field = !undo && event.isTrusted ? keptField(event) : undefined;
    if (!field) return;
    // Without drafts, fields that the page has removed would be held for good.
    early.touched.forEach((other) => other.isConnected || early.touched.delete(other));
    early.touched.add(field);
    void load();
  }

  async function load(): Promise<void> {
    if (loads || !(client.snapshot().drafts || hasDrafts())) return;
    loads = true;
    type Drafts = { startDrafts: typeof startDrafts };
    // Browsers do not load a module again that they could not load, unless its URL is another one.
    const file = new URL(fails > 0 ? `drafts.js?${fails}` : 'drafts.js', import.meta.url).href;
    const drafts: Promise<Drafts> = import(/* webpackIgnore: true */ /* @vite-ignore */ file);
    // The rest of the client works without drafts.
    const loaded = await drafts.catch(() => undefined);
    if (!runs) return;
    undo = loaded?.startDrafts(client, () => ({ ...ENGLISH_DRAFTS, ...texts() }), early);
    if (loaded) early.touched.clear();
    else setTimeout(loadAgain, LOAD_AGAIN * 2 ** fails++);
  }

  function loadAgain(): void {
    loads = false;
    if (runs) void load();
  }

  function onChange(): void {
    const snapshot = client.snapshot();
    // After the end of a session, the page may go on for the same user.
    const now = snapshot.state === 'anonymous' ? null : (snapshot.user ?? user);
    if (user && now !== user) forget();
    user = now;
    // The server says with its first answer whether drafts are kept.
    if (early.touched.size > 0) void load();
  }

  /**
   * The page stays although its user has signed out, or is another one: a router has led to the login page itself, or the
   * server only reports. Stored drafts come back to the user who can open them.
   */
  function forget(): void {
    early.touched.clear();
    if (!undo) return;
    undo();
    undo = undefined;
    loads = false;
    if (hasDrafts()) void load();
  }

  const unlisten = together([
    listen(window, 'focusin beforeinput', onBefore),
    listen(window, 'input', onInput),
    listen(window, 'beforeprint afterprint', keepOffPaper),
    client.subscribe(onChange),
  ]);
  noteSecrets();
  // The user may have typed before this part was loaded.
  for (const field of [
    document.activeElement as Field | null,
    ...document.querySelectorAll<Field & Element>(CHANGED),
  ]) {
    if (!field?.matches(FIELDS) || !isKept(field)) continue;
    // Editable text has no default, so nobody knows whether the user has typed it or the server has sent it.
    if (field.value === undefined) early.before.set(field, contentOf(field));
    else if (contentOf(field) !== initialOf(field)) early.touched.add(field);
  }
  dropExpired();
  if (hasDrafts() || early.touched.size > 0) void load();
  return () => {
    runs = false;
    together([unlisten, undo])();
  };
}
