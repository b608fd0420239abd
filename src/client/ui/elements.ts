import { ACTION } from '../inputs/activity.js';

/** Creates an element without parsing HTML, so that Trusted Types and a strict CSP allow it. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const name of Object.keys(attributes)) made.setAttribute(name, attributes[name]!);
  made.append(...children);
  return made;
}

/**
 * Writes a text only if it is a new one. A live region is spoken whenever it is written, and browsers that translate the page
 * have put another text there since.
 */
export function setText(node: HTMLElement & { written?: string }, text: string): void {
  if (node.written !== text) node.textContent = node.written = text;
}

/**
 * Creates a button of the client. A press on it does not mean that the user wants to stay. The overlay hides its clicks
 * from the page and calls `press` itself.
 */
export function button(action: string, press: (event: MouseEvent) => void): HTMLButtonElement {
  const made = element('button', { [ACTION]: action });
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the overlay calls it
  made.onclick = press;
  return made;
}
