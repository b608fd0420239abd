/** Something that users type into: a field of a form, or an editable element. */
export type Field = Partial<HTMLInputElement & HTMLSelectElement> & Element;

/** What the user has put into a field, as text. */
export function contentOf({ options, value, checked, textContent }: Field): string {
  return options ? [...options].map(({ selected }) => selected).join() : `${checked} ${value ?? textContent}`;
}

/**
 * Whether the content of a field differs from its default. Editable elements have no default, so they count as changed.
 */
export function differsFromDefault({ type, options, value, defaultValue, checked, defaultChecked }: Field): boolean {
  if (options) return [...options].some(({ selected, defaultSelected }) => selected !== defaultSelected);
  if (/checkbox|radio/.test(String(type))) return checked !== defaultChecked;
  return value === undefined || value !== defaultValue;
}

/** Whether the content of a field needs no question: a search, a password, or the user name beside it. */
export function isFleeting({ type, form }: Field): boolean {
  if (/search|password/.test(String(type))) return true;
  if (!form?.querySelector('[type=password]') || form.querySelector('textarea')) return false;
  return form.querySelectorAll('input:not([type]),[type=text],[type=email],[type=tel]').length < 2;
}

/** Whether a field belongs to a form. The field may be an editor in the form, also in a frame or a shadow tree. */
export function isIn(form: unknown, field: Field): boolean {
  if (field.form === form) return true;
  let node: Element | null | undefined = field;
  while (node && !(form as Element).contains(node)) {
    node = (node.getRootNode() as Partial<ShadowRoot>).host ?? node.ownerDocument.defaultView?.frameElement;
  }
  return Boolean(node);
}
