import type { SessionTimeoutCore } from '../../engine/core.js';
import { listen } from '../../listen.js';
import { COVER } from '../dialogs.js';

/**
 * Takes the focus from frames while the page is covered. A script in a frame can focus a field there, although a dialog is open:
 * what is typed would go into the hidden field. Returns a function that stops this.
 */
export function coverFrames(client: SessionTimeoutCore): () => void {
  // The window loses the focus to a frame. Only after this event does the frame have it.
  return listen(window, 'blur', ({ target }) => {
    if (target === window && client.snapshot().concealed) setTimeout(leave);
  });
}

function leave(): void {
  const { activeElement } = document as { readonly activeElement: HTMLIFrameElement | null };
  // An embedded page does not show its window.
  if (!activeElement?.contentWindow && activeElement?.localName !== 'embed') return;
  activeElement.blur();
  document.querySelector<HTMLElement>(`${COVER}[open]`)?.querySelector('button')?.focus();
}
