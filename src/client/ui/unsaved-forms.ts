import { listen, together } from '../listen.js';

type Field = Partial<HTMLInputElement & HTMLSelectElement> & Element;

/** Milliseconds in which a select that was changed may send its form itself. */
const BY_ITSELF = 1000;

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
  /** What fields held when they got the focus: some libraries make what is typed the default. */
  const before = new WeakMap<Field, string>();
  let chosenAt = -Infinity;

  function onFocus(event: Event): void {
    const field = event.composedPath()[0] as Field;
    if (!dirty.has(field)) before.set(field, contentOf(field));
  }

  // `change` comes only when a field loses the focus, and does not leave a shadow tree.
  function onInput(event: Event): void {
    const field = event.composedPath()[0] as Field;
    if (field.options) chosenAt = performance.now();
    dirty.add(field);
    guard();
  }

  /** Fields that are being sent are not lost. */
  function onSubmit({ target, defaultPrevented }: Event): void {
    for (const field of dirty) if (field.form === target && !defaultPrevented) dirty.delete(field);
    guard();
  }

  function onReset({ target }: Event): void {
    // The fields are reset only after this event.
    setTimeout(() => {
      for (const field of dirty) if (field.form === target) before.delete(field);
      guard();
    });
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
    const isSentByItself = performance.now() - chosenAt < BY_ITSELF;
    if ([...dirty].some(({ options }) => !(options && isSentByItself))) event.preventDefault();
  }

  /** The page may prevent the event, so this listens after it. */
  function afterThePage(view: Window): () => void {
    view.addEventListener('submit', onSubmit);
    return () => view.removeEventListener('submit', onSubmit);
  }

  const watch = (view: Window): (() => void) =>
    together([
      listen(view, 'focusin', onFocus),
      listen(view, 'input', onInput),
      listen(view, 'reset', onReset),
      afterThePage(view),
    ]);

  const undo = watch(window);
  const stop = (): void => {
    undo();
    dirty.clear();
    guard();
  };
  return Object.assign(stop, { watch });
}

/** What the user has put into a field, as text. */
function contentOf({ options, value, checked, textContent }: Field): string {
  return options ? [...options].map(({ selected }) => selected).join() : `${checked} ${value ?? textContent}`;
}

/** Whether a field differs from what the page gave it. Editable elements have no default, so they count as changed. */
function differsFromDefault({ type, options, value, defaultValue, checked, defaultChecked }: Field): boolean {
  if (options) return [...options].some(({ selected, defaultSelected }) => selected !== defaultSelected);
  if (/checkbox|radio/.test(String(type))) return checked !== defaultChecked;
  return value === undefined || value !== defaultValue;
}
