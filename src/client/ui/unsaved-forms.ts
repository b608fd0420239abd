import { listen, together } from '../listen.js';

type Field = Partial<HTMLInputElement & HTMLSelectElement> & Element;

/**
 * Makes the browser ask before the user leaves text that was typed and not sent. The `beforeunload` listener is
 * there only while it is needed, as it keeps some browsers from caching the page. Returns the undo.
 */
export function guardForms(): () => void {
  const dirty = new Set<Field>();

  // `change` comes only when a field loses the focus, and does not leave a shadow tree.
  function onInput(event: Event): void {
    dirty.add(event.composedPath()[0] as Field);
    guard();
  }

  /** Fields that are being sent are not lost. */
  function onSubmit({ target, defaultPrevented }: Event): void {
    for (const field of dirty) if (field.form === target && !defaultPrevented) dirty.delete(field);
    guard();
  }

  function guard(): void {
    for (const field of dirty) if (!field.isConnected || !isChanged(field)) dirty.delete(field);
    if (dirty.size > 0) addEventListener('beforeunload', onUnload);
    else removeEventListener('beforeunload', onUnload);
  }

  function onUnload(event: Event): void {
    guard();
    if (dirty.size > 0) event.preventDefault();
  }

  return together([
    listen(window, 'input', onInput),
    // The fields are reset only after this event.
    listen(window, 'reset', () => setTimeout(guard)),
    // The page may prevent the event, so this listens after it.
    listen(window, 'submit', onSubmit, false),
    () => {
      dirty.clear();
      guard();
    },
  ]);
}

/** Whether a field differs from what the page gave it. Editable elements have no default, so they count as changed. */
function isChanged({ type, options, value, defaultValue, checked, defaultChecked }: Field): boolean {
  if (options) return [...options].some(({ selected, defaultSelected }) => selected !== defaultSelected);
  if (/checkbox|radio/.test(String(type))) return checked !== defaultChecked;
  return value === undefined || value !== defaultValue;
}
