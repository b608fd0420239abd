import { listen, together } from '../../listen.js';
import { contentOf, differsFromDefault, type Field, fieldOf, isFleeting, isIn, optionsOf } from './field.js';
import { watchHarmlessLinks } from './harmless-links.js';
import { type Contents, watchSaves } from './saves.js';
import { shadowRoots } from './shadow-roots.js';

/** For this many milliseconds after a select has changed or a link was followed, `beforeunload` does not ask. */
const BY_ITSELF = 1000;
/** The same time after the browser has collected the data of a form. */
const SENDING = 300;

/** Makes the browser ask before unsent text is lost. */
export interface FormGuard {
  /** Stops the guard. */
  (): void;
  /** Also guards the fields of another window, such as the window of a frame. Returns a function that stops this. */
  watch(view: Window): () => void;
}

/**
 * Makes the browser ask before the user leaves a page with unsent text. The `beforeunload` listener exists only while
 * it is needed, because some browsers do not cache pages with such a listener.
 */
export function guardForms(): FormGuard {
  const dirty = new Set<Field>();
  /**
   * The content of fields when they got the focus, before they were first changed, or when they were saved. Some libraries
   * change defaults while users type.
   */
  const before = new WeakMap<Field, string>();
  /** The content of fields that are just being sent, and until when the page may be left without a question. */
  const leaving = new WeakMap<Field, { readonly content: string; readonly until: number }>();
  let quietUntil = -Infinity;

  function onFocus(event: Event): void {
    const field = fieldOf(event);
    if (!dirty.has(field)) before.set(field, contentOf(field));
  }

  function guard(): void {
    for (const field of dirty) if (!isShown(field) || !isChanged(field)) dirty.delete(field);
    if (dirty.size > 0) addEventListener('beforeunload', onUnload);
    else removeEventListener('beforeunload', onUnload);
  }

  function isChanged(field: Field): boolean {
    const held = before.get(field);
    return held === undefined ? differsFromDefault(field) : held !== contentOf(field);
  }

  function onUnload(event: Event): void {
    guard();
    const now = performance.now();
    if (now < quietUntil || [...dirty].every((field) => isLeaving(field, now))) return;
    event.preventDefault();
    // Chromium asks only for this before version 119.
    (event as BeforeUnloadEvent).returnValue = true;
  }

  function isLeaving(field: Field, now: number): boolean {
    const sent = leaving.get(field);
    return sent !== undefined && now < sent.until && sent.content === contentOf(field);
  }

  function send(field: Field, time: number): void {
    leaving.set(field, { content: contentOf(field), until: performance.now() + time });
  }

  /** The content of the changed fields of a form, or of the whole window. */
  function contentsOf(form: unknown): Contents {
    const fields = [...dirty].filter((field) => !(form as Partial<Node>).nodeType || isIn(form, field));
    return new Map(fields.map((field) => [field, contentOf(field)]));
  }

  /** Forgets fields that are saved. If a later answer shows that they are not, guards them again. */
  function settle(contents: Contents, isSaved: boolean): void {
    for (const [field, content] of contents) {
      if (isSaved) before.set(field, content);
      else if (before.get(field) === content) {
        before.set(field, '');
        dirty.add(field);
      }
    }
    guard();
  }

  function onReset({ target }: Event): void {
    // The fields are reset only after this event.
    setTimeout(() => {
      for (const field of dirty) if (isIn(target, field)) before.delete(field);
      guard();
    });
  }

  function watch(view: Window): () => void {
    const saves = watchSaves(view as Window & typeof globalThis, settle);
    const roots = shadowRoots(hear);

    // `change` would come only when a field loses the focus, and not from shadow trees.
    function onInput(event: Event): void {
      const field = fieldOf(event);
      // Scripts may send this event to anything.
      if (!field.closest || isFleeting(field)) return;
      if (optionsOf(field)) send(field, BY_ITSELF);
      dirty.add(field);
      guard();
      roots.hear(field);
    }

    /** Listens to the forms of a window or of a shadow tree. Their events do not leave a shadow tree. */
    function hear(root: EventTarget): () => void {
      return together([
        listen(root, 'submit', onSubmit, false),
        listen(root, 'formdata', onData),
        listen(root, 'reset', onReset),
      ]);
    }

    function onSubmit(event: Event): void {
      const contents = contentsOf(event.target);
      if (saves.begin(contents, event)) settle(contents, true);
    }

    /** The application says that it has saved a form, or the whole page, in its own way. */
    function onSaved({ target }: Event): void {
      settle(contentsOf(target), true);
    }

    /** The browser or a script collects the data of a form in order to send it. */
    function onData(event: Event): void {
      const contents = contentsOf(event.target);
      for (const field of contents.keys()) send(field, SENDING);
      saves.begin(contents, event);
    }

    return together([
      hear(view),
      roots.stop,
      listen(view, 'focusin beforeinput', onFocus),
      listen(view, 'input', onInput),
      listen(view, 'session-draft-saved', onSaved),
      watchHarmlessLinks(view, () => {
        quietUntil = performance.now() + BY_ITSELF;
      }),
      saves.stop,
    ]);
  }

  const undo = watch(window);
  const stop = (): void => {
    undo();
    dirty.clear();
    guard();
  };
  return Object.assign(stop, { watch });
}

/** Whether a field is in the page, or in a frame that still shows its document. */
function isShown({ isConnected, ownerDocument }: Field): boolean {
  return isConnected && ownerDocument.defaultView !== null;
}
