import { type Field, isFleeting } from '../ui/forms/field.js';

/** What the page knows about its fields before the part for drafts is loaded. */
export interface EarlyInput {
  /** The content of fields before their last change. The first button of a group of radio buttons stands for all. */
  readonly before: WeakMap<Field, string>;
  /** The fields that somebody has typed into. */
  readonly touched: Set<Field>;
}

/** Elements that users type into. Editable text needs an id, by which it is found again. */
export const FIELDS = 'input,textarea,select,[contenteditable][id]';
const NEVER = /^(password|file|hidden|submit|button|reset|image|search)$/;
/** The names of fields for passwords (also while they are shown as plain text), one-time codes and cards. */
const SECRET =
  /passw|passc|passphrase|pwd|one.?time|totp|\botp|cvc|cvv|\b(pin|csc|tan|mfa|2fa)\d*\b|two.?factor|card.?(n|exp|hold|code)|(credit|debit).?card|\bcc(-|.?(num|exp|csc))|(security|verification|confirmation|auth\w*|access|recovery|backup|sms|login).?code/i;
/** The same in the text of a label, which may contain any words. */
const SECRET_LABEL =
  /passw|passc|\b(cvc|cvv|csc|otp|pin(?!.code))\b|\bone.?time.(code|pass)|\bcard.(number|code|holder|verif)|\b(security|verification|confirmation|recovery|backup|sms|login).code/i;

const seenAsSecret = new WeakSet<Element>();

/** Returns the field of an event; `undefined` if no draft of this field is kept. */
export function keptField(event: Event): Field | undefined {
  const target = event.composedPath()[0] as Partial<Element>;
  const field = target.closest?.(FIELDS) as Field | null | undefined;
  if (!field) return undefined;
  noteSecrets(field.getRootNode() as Document | ShadowRoot);
  return isKept(field) ? field : undefined;
}

/** Remembers which fields are passwords. Many pages have a button that shows a password as plain text. */
export function noteSecrets(root: Document | ShadowRoot = document): void {
  for (const field of root.querySelectorAll('[type=password]')) seenAsSecret.add(field);
}

/** Whether drafts of a field are kept. */
export function isKept(field: Field): boolean {
  const { type, name, id } = field;
  const names = ['name', 'id', 'autocomplete', 'aria-label', name || id ? '' : 'placeholder'];
  const called = names.map((attribute) => field.getAttribute(attribute)).join(' ');
  // The label of a long text may mention a code.
  const isCode = field.localName === 'input' && !/box|radio/.test(`${type}`) && SECRET_LABEL.test(labelOf(field));
  const { webkitTextSecurity: mask } = getComputedStyle(field) as Partial<Record<'webkitTextSecurity', string>>;
  if (isCode || SECRET.test(words(called)) || (mask && mask !== 'none')) seenAsSecret.add(field);
  if (seenAsSecret.has(field) || NEVER.test(`${type}`) || isFleeting(field)) return false;
  for (const node of ancestors(field)) if (node.getAttribute('data-session-draft') === 'off') return false;
  return true;
}

/** The text of the label of a field. The label may be around the field, and the field may contain what is typed. */
export function labelOf({ labels, textContent }: Field): string {
  const text = labels?.[0]?.textContent ?? '';
  return text.replace(textContent ?? '', '').trim();
}

/** Separates the words of names such as `otp_code` and `cardCvc`. */
function words(names: string): string {
  return names.replace(/([a-z\d])([A-Z])|_/g, '$1 $2');
}

/** An element and the elements around it, also outside of its shadow tree. The form of a field may be elsewhere. */
export function* ancestors(field: Field): Generator<Element> {
  let node: Element | null | undefined = field;
  while (node) {
    yield node;
    node = node.parentElement ?? (node.getRootNode() as Partial<ShadowRoot>).host;
  }
  if (field.form) yield field.form;
}
