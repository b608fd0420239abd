import { groupOf, isOfType } from '../../drafts/content.js';

/** Something that users type into: a field of a form, or an editable element. */
export type Field = Partial<HTMLInputElement & HTMLSelectElement> & Element;

/** The field of an event. The first one of a group of radio buttons stands for all. */
export function fieldOf(event: Event): Field {
  const field = event.composedPath()[0] as Field;
  return isOfType(field, 'radio') ? ((groupOf(field)[0] ?? field) as Field) : field;
}

/** The options of a select. Custom elements may have other properties of this name. */
export function optionsOf({ options }: Field): readonly HTMLOptionElement[] | undefined {
  return options?.item && [...options];
}

/** What the user has put into a field, as text. */
export function contentOf(field: Field): string {
  const { value, checked, textContent } = field;
  if (isOfType(field, 'radio')) return String(groupOf(field).map(({ checked }) => checked));
  const options = optionsOf(field);
  return options ? options.map(({ selected }) => selected).join() : `${checked} ${value ?? textContent}`;
}

/**
 * Whether the content of a field differs from its default. Editable elements have no default, so they count as changed.
 */
export function differsFromDefault(field: Field): boolean {
  const { value, defaultValue, checked, defaultChecked } = field;
  const options = optionsOf(field);
  if (options) return options.some(({ selected, defaultSelected }) => selected !== defaultSelected);
  if (isOfType(field, 'radio')) return groupOf(field).some((radio) => radio.checked !== radio.defaultChecked);
  if (isOfType(field, 'checkbox')) return checked !== defaultChecked;
  return value === undefined || value !== defaultValue;
}

/** Searches, passwords and codes, however they are marked. */
const FLEETING =
  '[type=search],[role^=search],search,[enterkeyhint=search],[type=password],[autocomplete~=one-time-code]';
/** Fields of a form for signing in, perhaps of one of its steps. */
const SIGN_IN =
  '[type=password],[autocomplete~=username],[autocomplete~=current-password],[autocomplete~=one-time-code]';

/** Fields with text that is no password. Some pages show a password as plain text. */
const TEXT = ':is(input:not([type]),[type=text],[type=email],[type=tel]):not([autocomplete~=current-password])';

/** Whether the content of a field needs no question: a search, a password or a code, or the user name beside it. */
export function isFleeting(field: Field): boolean {
  const { form } = field;
  if (field.closest(FLEETING)) return true;
  if (!form?.querySelector?.(SIGN_IN) || form.querySelector('textarea')) return false;
  return form.querySelectorAll(TEXT).length < 2;
}

/** Whether a field belongs to a form. The field may be an editor in the form, also in a frame or a shadow tree. */
export function isIn(form: unknown, field: Field): boolean {
  if (field.form === form) return true;
  let node: Element | null | undefined = field;
  // A field called `contains` takes the place of the method of its form.
  while (node && !Node.prototype.contains.call(form as Element, node)) {
    node = (node.getRootNode() as Partial<ShadowRoot>).host ?? node.ownerDocument.defaultView?.frameElement;
  }
  return Boolean(node);
}
