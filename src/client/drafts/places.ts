import type { Field } from '../ui/forms/field.js';
import { contentOf, isOfType } from './content.js';
import { initialOf } from './filling.js';
import type { Find } from './draft-book.js';
import { isGenerated } from './generated-ids.js';
import { ancestors, FIELDS, isKept, labelOf } from './kept-field.js';

/** Where a field is: its form, and its key in this form. */
export interface FieldPlace {
  readonly form: string;
  readonly key: string;
  /** The element that stands for the field. For radio buttons, it is the first one of the group. */
  readonly place: Field;
}

/**
 * All fields of the page whose drafts are kept, also in open shadow trees. The ids around them, and then numbers,
 * distinguish fields with the same name.
 */
export function* keptFields(root: ParentNode = document, seen = new Map<string, number>()): Generator<FieldPlace> {
  for (const element of root.querySelectorAll('*')) {
    if (element.shadowRoot) yield* keptFields(element.shadowRoot, seen);
    const field = element as Field;
    // A field called `matches` takes the place of the method of its form.
    if (!Element.prototype.matches.call(element, FIELDS) || !isKept(field)) continue;
    const form = formOf(field);
    if (!nameOf(field)) continue;
    const isGroup = isOfType(field, 'radio');
    const key = keyOf(field);
    const count = seen.get(`${form} ${key}`) ?? 0;
    seen.set(`${form} ${key}`, count + 1);
    if (!isGroup) yield { form, key: `${key} ${count}`, place: field };
    else if (count === 0) yield { form, key, place: field };
  }
}

/** The key of a field without the number that distinguishes it from others like it. */
function keyOf(field: Field): string {
  const isGroup = isOfType(field, 'radio');
  // Each radio button of a group may be in an element with an id of its own, so that around the form counts.
  const outer = isGroup ? (field.form as Field | null | undefined) : field;
  const around = outer ? idsAround(outer) : ' ';
  return `${around} ${nameOf(field)} ${isOfType(field, 'checkbox') ? field.value : isGroup}`;
}

/** The places that were found before. To look through the whole page at each key would be slow. */
const known = new WeakMap<Field, FieldPlace>();

/** Finds the place of a field that the user has typed into. */
export function placeOf(field: Field): FieldPlace | undefined {
  const before = known.get(field);
  if (before && isStillAt(field, before.form, before.key)) return before;
  for (const found of keptFields()) {
    const { place } = found;
    if (place !== field && !(isOfType(place, 'radio') && place.name === field.name && place.form === field.form))
      continue;
    known.set(field, found);
    return found;
  }
  return undefined;
}

/** The nearest element with an id around a field, when it was last seen on the page. It stands for a part of the page. */
const homes = new WeakMap<Field, Node>();

/** Returns a function that finds the fields of the page as they are now. */
export function finder(): Find {
  let all: FieldPlace[] | undefined;
  return (form, key, before) => {
    const isThere = before?.isConnected && isStillAt(before, form, key);
    all ??= [...keptFields()];
    const place = isThere ? before : findPlace(all, form, key);
    if (!place) return undefined;
    const isAnew = !isThere && before !== undefined && homes.get(before)?.isConnected === true;
    homes.set(place, place.parentElement?.closest('[id]') ?? place.getRootNode());
    return { place, isAnew, content: contentOf(place), initial: initialOf(place) };
  };
}

/** Whether an element shows the same field as before. A framework may use it again for the next step, or for another row. */
function isStillAt(field: Field, form: string, key: string): boolean {
  return formOf(field) === form && `${withoutGenerated(key)} `.startsWith(`${withoutGenerated(keyOf(field))} `);
}

/**
 * Some frameworks make new ids for each page view. So a field with another generated id around it counts if it is the only
 * one. A field in another row of a list never does.
 */
function findPlace(all: readonly FieldPlace[], form: string, key: string): Field | undefined {
  const inForm = all.filter((found) => found.form === form);
  const exact = inForm.find((found) => found.key === key);
  const similar = inForm.filter((found) => withoutGenerated(found.key) === withoutGenerated(key));
  return (exact ?? (similar.length === 1 ? similar[0] : undefined))?.place;
}

function withoutGenerated(key: string): string {
  return key.replace(/^[^ ]* /, '');
}

/**
 * The generated id that is nearest around a field, if there is one, and then the nearest other id, such as that of a row
 * of a list.
 */
function idsAround(field: Field): string {
  let generated = '';
  for (const node of ancestors(field)) {
    const id = node !== field && node.getAttribute('id');
    if (!id) continue;
    if (!isGenerated(id)) return `${generated} ${id}`;
    generated ||= id;
  }
  return `${generated} `;
}

function formOf(field: Field): string {
  for (const node of ancestors(field)) {
    if (node.localName !== 'form') continue;
    // A field with the name `id` takes the place of the property.
    return node.getAttribute('id') || node.getAttribute('name') || node.getAttribute('action') || '?';
  }
  return '';
}

/** Ids that are counted up by a framework, or by the server for the rows of a list. */
const NUMBERED = /(^|[-_])\d+(-input|_)?$/;

/** The name of a field. In a component, the name may be on the component. */
function nameOf(field: Field): string {
  const [name, id, ...others] = ['name', 'id', 'aria-label', 'placeholder'].map(
    (attribute) => field.getAttribute(attribute) ?? '',
  ) as [string, string, string, string];
  const isMovingName = isGenerated(name);
  if (name && !isMovingName) return name;
  if (isMovingName && isOfType(field, 'radio')) return captionOf(field);
  // A generated id may be that of another field in the next page view. Here, this includes those of Vue.
  const isMovingId = isGenerated(id) || /^v-[\d-]+$/.test(id);
  // An id with a number may be, too. Then the label is another one.
  if (id && !isMovingId) return NUMBERED.test(id) ? `${id} ${ownTextOf(field.labels?.[0])}` : id;
  const text = others.find(Boolean) ?? (isMovingName || isMovingId ? labelOf(field) || name : '');
  if (text) return text;
  const { host } = field.getRootNode() as Partial<ShadowRoot>;
  return host ? nameOf(host as Field) : '';
}

/** The text of a label without that of elements in it, which may say that something is missing, or count what is typed. */
function ownTextOf(label: Element | undefined): string {
  const texts = [...(label?.childNodes ?? [])].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
  return texts
    .map(({ textContent }) => textContent)
    .join('')
    .replace(/[\d\s]+/g, ' ')
    .trim();
}

/** What a group of radio buttons is called. The labels of its buttons, such as "Yes", may be those of the next group, too. */
function captionOf(radio: Field): string {
  const group = radio.closest('fieldset,[role=radiogroup]');
  const labelledBy = group?.getAttribute('aria-labelledby');
  const caption = labelledBy ? document.getElementById(labelledBy) : group?.querySelector('legend');
  return group?.getAttribute('aria-label') ?? caption?.textContent ?? '';
}
