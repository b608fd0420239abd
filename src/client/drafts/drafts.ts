import type { SessionTimeoutCore } from '../engine/core.js';
import { attempt } from '../attempt.js';
import { pagePath } from '../inputs/page-path.js';
import { listen, together } from '../listen.js';
import { type Field, isIn } from '../ui/forms/field.js';
import { type Contents, watchSaves } from '../ui/forms/saves.js';
import { shadowRoots } from '../ui/forms/shadow-roots.js';
import { contentOf } from './content.js';
import { type Draft, draftBook } from './draft-book.js';
import { draftWriter } from './draft-writer.js';
import { fill, initialOf } from './filling.js';
import { type EarlyInput, keptField } from './kept-field.js';
import { askForKeys, type DraftKeys } from './keys.js';
import { draftNotice, type DraftTexts } from './notice.js';
import { finder, placeOf } from './places.js';
import { sentForms } from './sent-forms.js';
import { tabLocks, tabOf } from './tab-locks.js';
import { draftVault } from './vault.js';

/**
 * How often to look at the fields of the page, in milliseconds. There is no event when a script has changed a field.
 */
const OFTEN = 500;
/** Milliseconds until the server is asked for the keys again, if it did not answer. */
const ASK_AGAIN = 5000;
/** Milliseconds until a page is left that a script sends with a form, if the server is quick. */
const SENDING = 1000;

/**
 * Keeps drafts, encrypted, and fills them in when the same user has signed in again. Returns a function that stops
 * this.
 *
 * @param own the path of the package's routes, with a slash at the end
 */
export function startDrafts(
  client: SessionTimeoutCore,
  texts: DraftTexts,
  { before, touched }: EarlyInput,
  own = new URL('.', import.meta.url).pathname,
): () => void {
  if (!crypto.subtle || !navigator.locks || !attempt(() => localStorage)) {
    console.warn('nestjs-session-timeout: drafts need https and storage.');
    return () => undefined;
  }

  const tab = crypto.randomUUID();
  const sending = sentForms(`session-draft-sent:${own}`);
  const vault = draftVault(own);
  const locks = tabLocks(own, tab);
  const roots = shadowRoots(hear);
  const undo: (() => void)[] = [];
  const writer = draftWriter(vault, () => keys);
  let count = 0;
  let keys: DraftKeys | undefined;
  let keysOf: string | null | undefined;
  let asksAt = 0;
  let isSigningOut = false;
  let actedAt = 0;
  /** The form that the user has sent, until its data is collected. */
  let submitted: EventTarget | false | null | undefined;
  let seenPage: string | undefined;
  /** The tab from which the drafts of a form were taken over. */
  const takenFrom: Record<string, string> = {};

  const book = draftBook({
    newName: () => `${tab}.${count++}`,
    fill,
    changed(draft) {
      if (draft.fields.size > 0) locks.hold();
      writer.write(draft);
    },
  });
  const notice = draftNotice(
    texts,
    () => book.use(pagePath(), performance.now(), finder()),
    () => (book.discard(pagePath(), finder()), look()),
  );
  const saves = watchSaves(window, settle, 200);

  function isLive(): boolean {
    const { state, concealed } = client.snapshot();
    return /active|warning/.test(state) && !concealed;
  }

  function note(field: Field): void {
    roots.hear(field);
    const found = placeOf(field);
    if (!found) return;
    const { form, key, place } = found;
    if (!before.has(place)) before.set(place, initialOf(place));
    sending.forget();
    book.typed(pagePath(), form, key, place, before.get(place)!, contentOf(place));
  }

  /** Listens to the forms of the page or of a shadow tree. Their events do not leave a shadow tree. */
  function hear(root: EventTarget): () => void {
    return listen(root, 'submit formdata', onSend, false);
  }

  function onInput(event: Event): void {
    const field = event.isTrusted && keptField(event);
    if (field) note(field);
  }

  /** Forgets what was saved. If a later answer shows that it was not, keeps it again. */
  function settle(contents: Contents, isSaved: boolean): void {
    if (isSaved) {
      if (isLive()) book.sent(contents);
    } else
      contents.forEach((content, field) => {
        // The user may have gone back to the field after it seemed to be saved.
        if (before.get(field) === content) before.delete(field);
        if (field.isConnected) note(field);
      });
  }

  function draftsHere(): Draft[] {
    const here = pagePath();
    return [...book.drafts].filter(({ page }) => page === here);
  }

  /** The content of all fields with drafts, in a form or in the whole page. */
  function contentsOf(form: EventTarget | null): Contents {
    const fields = draftsHere()
      .flatMap(({ fields }) => placesOf(fields))
      .filter((field) => !(form as Partial<Node>).nodeType || isIn(form, field));
    return new Map(fields.map((field) => [field, contentOf(field)]));
  }

  /** The browser or a script sends a form. While its data is collected, it is not known yet which of them. */
  function onSend(event: Event): void {
    const { type, target } = event;
    const contents = contentsOf(target);
    if (contents.size === 0 || !saves.begin(contents, event) || !keys) return;
    const names = draftsHere()
      .filter(({ fields }) => placesOf(fields).some((place) => contents.has(place)))
      .map(({ name }) => name);
    const isData = type === 'formdata';
    sending.note(names, keys.session);
    // A script may have collected the data for something else. If it sends the form, the page is left soon.
    if (isData && target !== submitted) setTimeout(sending.forget, SENDING);
    submitted = !isData && target;
  }

  /** Gets the keys of the user when they are needed, and looks for drafts of earlier sessions. */
  async function getKeys(session: string | null): Promise<void> {
    const now = performance.now();
    if (keysOf === session || now < asksAt) return;
    asksAt = now + ASK_AGAIN;
    const { found, signedOut, status } = await askForKeys(location.origin + own, vault.session);
    // During an update, some instances may keep none. (In quotes, the name is not shortened in the bundle.)
    if (status === 429 || status >= 500 || (status === 404 && client.snapshot()['drafts'])) return;
    asksAt = 0;
    keysOf = session;
    if (signedOut) vault.empty();
    // The tag of a session is the start of its hash. Somebody else may have signed in before the server answered.
    if (!found?.session.startsWith(`${client.snapshot().session}`)) return;
    keys = found;
    vault.session = found.session;
    sending.accepted(found.session).forEach(vault.remove);
    writer.resume();
  }

  /** Takes over drafts of this page from closed tabs: for each form, all those of the tab that was used last. */
  async function adopt(page: string): Promise<void> {
    const used = keys!;
    await locks.inTurn(async (isOpen) => {
      // oxlint-disable-next-line unicorn/no-array-sort -- older browsers have no toSorted()
      for (const name of vault.names().sort((a, b) => vault.keptUntil(b) - vault.keptUntil(a))) {
        const draft = vault.keptUntil(name) > Date.now() && (await vault.open(used, name));
        if (keys !== used) return;
        // A draft that this user cannot open belongs to somebody else, who is not signed in any more.
        const from = tabOf(name);
        if (!draft) vault.remove(name);
        else if (draft.page === page && !isOpen(from) && (takenFrom[page + draft.form] ??= from) === from) {
          const own: Draft = { ...draft, name: `${tab}.${count++}` };
          const sealed = await vault.seal(used, own, vault.keptUntil(name));
          // After a sign-out, nothing may come back.
          if (keys !== used) return;
          vault.remove(name);
          vault.put(own.name, sealed);
          book.adopt(own);
          locks.hold();
        }
      }
    });
  }

  function look(): void {
    const { session, state } = client.snapshot();
    if (isLive() || (state === 'anonymous' && vault.session)) void getKeys(session);
    if (!isLive() || !keys) return;
    const page = pagePath();
    if (page !== seenPage) {
      seenPage = page;
      void adopt(page).then(look);
    }
    const { filled, odd } = book.look(page, performance.now(), actedAt, finder());
    notice.show(filled, odd);
  }

  function onChange(): void {
    const { state, reason, session } = client.snapshot();
    if (state === 'expired') {
      // Only after a sign-out does the page know the end before its reason. A page that was frozen hears of it late: in the
      // meantime, the user may have signed in again, and typed something.
      if (reason === 'signed-out' && isSigningOut && vault.session.startsWith(session ?? '')) vault.empty();
      isSigningOut = reason === null;
      keys = keysOf = undefined;
      notice.remove();
    } else {
      isSigningOut = false;
      look();
    }
  }

  function onPage({ type }: Event): void {
    writer.flush();
    if (type === 'pagehide') locks.release();
    // The Back button may show this page again.
    if (type === 'pageshow' && book.drafts.size > 0) locks.hold();
  }

  const timer = setInterval(look, OFTEN);
  undo.push(
    client.subscribe(onChange),
    saves.stop,
    listen(window, 'input', onInput),
    hear(window),
    roots.stop,
    // The application says that it has saved a form, or the whole page, in its own way.
    listen(window, 'session-draft-saved', ({ target }) => book.sent(contentsOf(target))),
    listen(window, 'keydown pointerdown', ({ isTrusted }) => {
      if (isTrusted) actedAt = performance.now();
    }),
    listen(window, 'pagehide pageshow visibilitychange', onPage),
    locks.release,
    notice.remove,
    () => clearInterval(timer),
  );
  touched.forEach(note);
  look();
  return together(undo);
}

/** The elements that show the fields of a draft. */
function placesOf(fields: Draft['fields']): Field[] {
  return [...fields.values()].flatMap(({ place }) => place ?? []);
}
