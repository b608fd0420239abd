import { ACTION } from '../inputs/activity.js';

/** Creates an element without parsing HTML, so that Trusted Types and a strict CSP allow it. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Changes a text only if it differs, because a live region is spoken whenever it is written. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Creates a button of the client. A press on it does not mean that the user wants to stay. The overlay hides its clicks
 * from the page and calls `press` itself.
 */
export function button(action: string, press: (event: MouseEvent) => void): HTMLButtonElement {
  return Object.assign(element('button', { [ACTION]: action }), { onclick: press });
}
