import { ACTION } from '../inputs/activity.js';

/** Makes an element without HTML text, so that Trusted Types and a strict CSP allow it. */
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

/** Writes a text only if it is new: a live region speaks whenever it is written. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Makes a button of our own, a press on which is no wish to stay. The overlay keeps its clicks from the page, and calls
 * `press` itself.
 */
export function button(action: string, press: () => void): HTMLButtonElement {
  return Object.assign(element('button', { [ACTION]: action }), { onclick: press });
}
