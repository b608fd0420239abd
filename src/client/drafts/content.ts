import type { Field } from '../ui/forms/field.js';

/** Editable text as a list of texts and elements, each with its tag and its own list. */
export type Tree = readonly (string | Branch)[];

interface Branch extends ReadonlyArray<string | Branch> {
  readonly 0: string;
}

/** Elements of editable text that are kept. Of other elements, only the text is kept, so that nothing can run. */
export const SAFE = /^(b|i|u|s|em|strong|p|div|span|br|ul|ol|li|h[1-6]|blockquote|pre|code|sub|sup)$/;

/** Whether a field is an `<input>` of this type. */
export function isOfType({ type }: Field, wanted: string): boolean {
  return (type as string | undefined) === wanted;
}

/** The content of a field, as text. */
export function contentOf(field: Field): string {
  const { options, value, checked } = field;
  if (options) return JSON.stringify([...options].filter(({ selected }) => selected).map(({ value }) => value));
  if (isOfType(field, 'radio')) return groupOf(field).find(({ checked }) => checked)?.value ?? '';
  if (isOfType(field, 'checkbox')) return String(checked);
  return value ?? JSON.stringify(treeOf(field));
}

/** The radio buttons of a group, in the order of the page. */
export function groupOf(field: Field): HTMLInputElement[] {
  const root = field.getRootNode() as Document | ShadowRoot;
  return [...root.querySelectorAll<HTMLInputElement>('[type=radio]')].filter(
    ({ name, form }) => name === field.name && form === field.form,
  );
}

function treeOf({ childNodes }: Node): Tree {
  return [...childNodes].flatMap((node): Tree => {
    if (node.nodeType === Node.TEXT_NODE) return [node.textContent ?? ''];
    const tag = node.nodeName.toLowerCase();
    return SAFE.test(tag) ? [[tag, ...treeOf(node)] as unknown as Branch] : treeOf(node);
  });
}
