import { attempt } from '../../attempt.js';
import { listen } from '../../listen.js';
import { DIALOG, OPEN_DIALOG } from '../dialogs.js';

/**
 * Shows the popovers of the page again that browsers close when a dialog of the client opens: the user may have been typing in
 * one. Returns a function that stops this.
 */
export function keepPopovers(): () => void {
  let closed: HTMLElement[] = [];
  let isOpening = false;

  function hear({ target, newState }: ToggleEvent): void {
    const element = target as HTMLElement;
    if (element.matches(DIALOG)) {
      isOpening = newState === 'open';
      queueMicrotask(settle);
      // Browsers close the inner ones first.
    } else if (isOpening && newState === 'closed') closed.unshift(element);
  }

  /** The dialog has opened or closed by now. Another one may be open. */
  function settle(): void {
    isOpening = false;
    if (document.querySelector(OPEN_DIALOG)) return;
    // The page may have removed one, or shown it itself.
    for (const popover of closed) attempt(() => popover.showPopover());
    closed = [];
  }

  return listen(window, 'beforetoggle', hear);
}
