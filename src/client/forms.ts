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
    listen();
  }

  /** What is being sent is not lost by the navigation that it starts. */
  function onSubmit({ target, defaultPrevented }: Event): void {
    for (const field of dirty) if (field.form === target && !defaultPrevented) dirty.delete(field);
    listen();
  }

  function listen(): void {
    for (const field of dirty) if (!field.isConnected || !isChanged(field)) dirty.delete(field);
    if (dirty.size > 0) addEventListener('beforeunload', onUnload);
    else removeEventListener('beforeunload', onUnload);
  }

  function onUnload(event: Event): void {
    listen();
    if (dirty.size > 0) event.preventDefault();
  }

  const listening = new AbortController();
  const { signal } = listening;
  addEventListener('input', onInput, { capture: true, signal });
  // The fields have their first values again only after this event.
  addEventListener('reset', () => setTimeout(listen), { signal });
  addEventListener('submit', onSubmit, { signal });
  return () => {
    listening.abort();
    dirty.clear();
    listen();
  };
}

/** Whether a field holds something else than the page gave it. What is edited in place has no first value. */
function isChanged({ type, options, value, defaultValue, checked, defaultChecked }: Field): boolean {
  if (options) return [...options].some(({ selected, defaultSelected }) => selected !== defaultSelected);
  if (/checkbox|radio/.test(String(type))) return checked !== defaultChecked;
  return value === undefined || value !== defaultValue;
}
