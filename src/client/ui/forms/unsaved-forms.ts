import { listen, together } from '../../listen.js';
import { contentOf, differsFromDefault, type Field, isFleeting, isIn } from './field.js';
import { watchHarmlessLinks } from './harmless-links.js';
import { type Contents, watchSaves } from './saves.js';

/** Milliseconds in which a select that was changed, or a followed link, may make the browser announce that it leaves. */
const BY_ITSELF = 1000;
/** Milliseconds in which it may do so after it has collected the data of a form. */
const SENDING = 300;

/** What makes the browser ask before the user leaves text that was typed and not sent. */
export interface FormGuard {
  /** Stops it. */
  (): void;
  /** Guards the fields of a window, such as a frame's, too. Returns the undo. */
  watch(view: Window): () => void;
}

/**
 * Makes the browser ask before the user leaves text that was typed and not sent. The `beforeunload` listener is
 * there only while it is needed, as it keeps some browsers from caching the page.
 */
export function guardForms(): FormGuard {
  const dirty = new Set<Field>();
  /** What fields held when they got the focus, or were saved: some libraries make what is typed the default. */
  const before = new WeakMap<Field, string>();
  /** Until when the page may be left with what is in a field: it is being sent. */
  const leaving = new WeakMap<Field, { readonly content: string; readonly until: number }>();
  let quietUntil = -Infinity;

  function onFocus(event: Event): void {
    const field = event.composedPath()[0] as Field;
    if (!dirty.has(field)) before.set(field, contentOf(field));
  }

  function guard(): void {
    for (const field of dirty) if (!field.isConnected || !isChanged(field)) dirty.delete(field);
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
    if (now >= quietUntil && [...dirty].some((field) => !isLeaving(field, now))) event.preventDefault();
  }

  function isLeaving(field: Field, now: number): boolean {
    const sent = leaving.get(field);
    return sent !== undefined && now < sent.until && sent.content === contentOf(field);
  }

  function send(field: Field, time: number): void {
    leaving.set(field, { content: contentOf(field), until: performance.now() + time });
  }

  function contentsOf(form: unknown): Contents {
    const fields = [...dirty].filter((field) => isIn(form, field));
    return new Map(fields.map((field) => [field, contentOf(field)]));
  }

  /** What was saved is not lost. If it comes out later that it was not, it is guarded again. */
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
    const roots = new Set<EventTarget>();
    const undo: (() => void)[] = [];

    // `change` comes only when a field loses the focus, and does not leave a shadow tree.
    function onInput(event: Event): void {
      const field = event.composedPath()[0] as Field;
      if (isFleeting(field)) return;
      if (field.options) send(field, BY_ITSELF);
      dirty.add(field);
      guard();
      for (let root = rootOf(field); root.host; root = rootOf(root.host)) hear(root);
    }

    /** Listens where forms are. Their events do not leave a shadow tree. */
    function hear(root: EventTarget): void {
      if (roots.has(root)) return;
      roots.add(root);
      // The page may prevent this event, so this listens after it.
      root.addEventListener('submit', onSubmit);
      undo.push(
        () => root.removeEventListener('submit', onSubmit),
        listen(root, 'formdata', onData),
        listen(root, 'reset', onReset),
      );
    }

    function onSubmit({ target, defaultPrevented, timeStamp }: Event): void {
      const contents = contentsOf(target);
      if (defaultPrevented) saves.begin(contents, timeStamp);
      else settle(contents, true);
    }

    /** The data of a form is collected: by the browser, to send it, or by a script. */
    function onData({ target, timeStamp }: Event): void {
      const contents = contentsOf(target);
      for (const field of contents.keys()) send(field, SENDING);
      saves.begin(contents, timeStamp);
    }

    hear(view);
    undo.push(
      listen(view, 'focusin', onFocus),
      listen(view, 'input', onInput),
      watchHarmlessLinks(view, () => {
        quietUntil = performance.now() + BY_ITSELF;
      }),
      saves.stop,
    );
    return together(undo);
  }

  const undo = watch(window);
  const stop = (): void => {
    undo();
    dirty.clear();
    guard();
  };
  return Object.assign(stop, { watch });
}

function rootOf(element: Element): ShadowRoot | (Document & { readonly host?: undefined }) {
  return element.getRootNode() as ShadowRoot | Document;
}
