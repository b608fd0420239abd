import type { Field } from '../ui/forms/field.js';
import { groupOf, isOfType, SAFE, type Tree } from './content.js';

/** What the server or the application has put into a field, as {@link contentOf} writes it. */
export function initialOf(field: Field): string {
  const { options, defaultValue, defaultChecked } = field;
  if (options) {
    const chosen = [...options].filter(({ defaultSelected }) => defaultSelected);
    // Without a default, browsers choose the first option.
    const first = field.multiple || chosen.length > 0 ? chosen : [...options].slice(0, 1);
    return JSON.stringify(first.map(({ value }) => value));
  }
  if (isOfType(field, 'radio')) return groupOf(field).find(({ defaultChecked }) => defaultChecked)?.value ?? '';
  if (isOfType(field, 'checkbox')) return String(defaultChecked);
  // Editable text has no default.
  return defaultValue ?? '';
}

/**
 * Puts content into a field as a person would, so that frameworks notice. A field that nobody may change now, or that
 * does not offer what was chosen, stays as it is.
 *
 * @returns whether the field was filled
 */
export function fill(field: Field, content: string): boolean {
  const { value, options, readOnly } = field;
  if (isOfType(field, 'radio')) {
    const group = groupOf(field) as Field[];
    if (content && !group.some((radio) => radio.value === content && !isDisabled(radio))) return false;
    group.forEach((radio) => check(radio, radio.value === content));
    return true;
  }
  if (readOnly || isDisabled(field)) return false;
  if (isOfType(field, 'checkbox')) return check(field, content === 'true');
  if (options) {
    const chosen = JSON.parse(content) as string[];
    const offered = new Set([...options].map(({ value }) => value));
    if (!chosen.every((one) => offered.has(one))) return false;
    for (const option of options) option.selected = chosen.includes(option.value);
  } else if (value === undefined) field.replaceChildren(...nodesOf(JSON.parse(content) as Tree));
  else setBehind(field, 'value', content);
  return tell(field);
}

/** Also if it is in a part of a form that is disabled. */
function isDisabled(field: Field): boolean {
  return field.matches(':disabled');
}

function check(box: Field, checked: boolean): true {
  if (box.checked === checked) return true;
  setBehind(box, 'checked', checked);
  // React listens to clicks. This event does not toggle the box again, because it is not a mouse event.
  box.dispatchEvent(new Event('click', { bubbles: true }));
  return tell(box);
}

/**
 * Sets a property with the setter of the browser. React replaces the setter of the element, so that it does not notice
 * changes by scripts. The setter may be further up, if the element has a class of its own (`<input is="…">`).
 */
function setBehind(field: Field, name: 'value' | 'checked', value: unknown): void {
  Reflect.set(Object.getPrototypeOf(field) as object, name, value, field);
}

function tell(field: Field): true {
  field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true, inputType: 'insertReplacementText' }));
  field.dispatchEvent(new Event('change', { bubbles: true }));
  return true;
}

/** Creates elements without parsing HTML. */
function nodesOf(tree: Tree): Node[] {
  return tree.flatMap((one) => {
    if (typeof one === 'string') return [document.createTextNode(one)];
    const [tag, ...children] = one as unknown as [string, ...Tree];
    if (!SAFE.test(tag)) return nodesOf(children);
    const element = document.createElement(tag);
    element.append(...nodesOf(children));
    return [element];
  });
}
