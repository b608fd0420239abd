import { listen } from '../listen.js';

type Field = Partial<HTMLInputElement & HTMLSelectElement> & Element;

/**
 * Lets the browser ask before the user leaves what they have typed and not sent. The listener for
 * that is there only while it is needed: it keeps some browsers from caching the page. Returns the undo.
 */
export function guardForms(): () => void {
  const dirty = new Set<Field>();

  // `change` comes only when a field is left, and not out of a shadow tree.
  function onInput(event: Event): void {
    dirty.add(event.composedPath()[0] as Field);
    guard();
  }

  /** What is being sent is not lost by the navigation that it starts. */
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

  const undo = [
    listen(window, 'input', onInput),
    // The fields have their first values again only after this event.
    listen(window, 'reset', () => setTimeout(guard)),
    // Whether it will be sent is known only after the page has heard of it.
    listen(window, 'submit', onSubmit, false),
  ];
  return () => {
    for (const take of undo) take();
    dirty.clear();
    guard();
  };
}

/** Whether a field holds something else than the page gave it. What is edited in place has no first value. */
function isChanged({ type, options, value, defaultValue, checked, defaultChecked }: Field): boolean {
  if (options) return [...options].some(({ selected, defaultSelected }) => selected !== defaultSelected);
  if (/checkbox|radio/.test(String(type))) return checked !== defaultChecked;
  return value === undefined || value !== defaultValue;
}
