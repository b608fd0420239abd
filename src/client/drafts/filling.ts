import { attempt, parse } from '../attempt.js';
import { ACTION } from '../inputs/activity.js';
import { pagePath } from '../inputs/page-path.js';
import { listen } from '../listen.js';
import type { Field } from '../ui/forms/field.js';
import { groupOf, isOfType, SAFE, type Tree } from './content.js';

/** The note of the pages that this tab has left because a choice was filled in. */
const LEFT = 'session-draft-left';
/** Milliseconds in which a page is left if its script does that when something is chosen. */
const SOON = 1000;

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
    return choose(() => group.forEach((radio) => check(radio, radio.value === content)));
  }
  if (readOnly || isDisabled(field)) return false;
  if (isOfType(field, 'checkbox')) return choose(() => check(field, content === 'true'));
  if (options) {
    const chosen = JSON.parse(content) as string[];
    const offered = new Set([...options].map(({ value }) => value));
    if (!chosen.every((one) => offered.has(one))) return false;
    return choose(() => {
      for (const option of options) option.selected = chosen.includes(option.value);
      tell(field);
    });
  }
  if (value === undefined) field.replaceChildren(...nodesOf(JSON.parse(content) as Tree));
  else setBehind(field, 'value', content);
  tell(field);
  return true;
}

/** The paths of these pages. */
let left = attempt(() => parse<string[]>(sessionStorage[LEFT] as string | undefined)) ?? [];
// The user asks for it with the notice.
listen(window, 'click', ({ target }) => {
  if ((target as Element).closest?.(`[${ACTION}]`)) note([]);
});

function note(pages: string[]): void {
  left = pages;
  attempt(() => (sessionStorage[LEFT] = JSON.stringify(left)));
}

/**
 * Fills in a choice, unless the page was left the last time: a script may reload the page when something is chosen, or go
 * to another one.
 */
function choose(put: () => void): boolean {
  const here = pagePath();
  if (left.includes(here)) return false;
  // The next page may answer late.
  const unlisten = listen(window, 'beforeunload pagehide keydown pointerdown', ({ type }) => {
    unlisten();
    if (/unload|hide/.test(type)) note([...left, here]);
  });
  setTimeout(unlisten, SOON);
  put();
  return true;
}

/** Also if it is in a part of a form that is disabled. */
function isDisabled(field: Field): boolean {
  return field.matches(':disabled');
}

function check(box: Field, checked: boolean): void {
  if (box.checked === checked) return;
  setBehind(box, 'checked', checked);
  // React listens to clicks. This event does not toggle the box again, because it is not a mouse event.
  box.dispatchEvent(new Event('click', { bubbles: true }));
  tell(box);
}

/**
 * Sets a property with the setter of the browser. React replaces the setter of the element, so that it does not notice
 * changes by scripts. The setter may be further up, if the element has a class of its own (`<input is="…">`).
 */
function setBehind(field: Field, name: 'value' | 'checked', value: unknown): void {
  Reflect.set(Object.getPrototypeOf(field) as object, name, value, field);
}

function tell(field: Field): void {
  field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true, inputType: 'insertReplacementText' }));
  field.dispatchEvent(new Event('change', { bubbles: true }));
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
