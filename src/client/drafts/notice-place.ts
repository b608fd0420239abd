import { attempt } from '../attempt.js';
import { DIALOG } from '../ui/dialogs.js';

/** The notice of this page, if it was shown. */
let notice: HTMLElement | undefined;

/**
 * Puts the notice into the page, or into the dialog of the page that is open: while a modal dialog is open, nothing
 * behind it can be pressed or heard. The dialogs of many frameworks are not `<dialog>`, and some stay in the page while
 * they are closed.
 */
export function placeNotice(box: HTMLElement): void {
  if (notice !== box) giveFocusBack(box);
  notice = box;
  // Some browsers do not know `:modal`.
  const dialogs = attempt(() => [...document.querySelectorAll(`:is(dialog:modal,[aria-modal=true]):not(${DIALOG})`)]);
  const open = dialogs?.filter(isOpen);
  const home = open?.at(-1) ?? document.documentElement;
  if (box.parentNode !== home) home.append(box);
}

/** Whether a modal dialog can be seen. One that is no `<dialog>` may be transparent, folded or beside the window. */
function isOpen(dialog: Element): boolean {
  if (dialog.localName === 'dialog') return true;
  const { width, height, left, top, right, bottom } = dialog.getBoundingClientRect();
  const isInWindow = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
  if (!width || !height || !isInWindow || dialog.closest('[inert]')) return false;
  return dialog.checkVisibility?.({ visibilityProperty: true, opacityProperty: true }) ?? true;
}

/** The notice must not be printed. Takes the events `beforeprint` and `afterprint`. */
export function keepOffPaper({ type }: Event): void {
  if (notice) notice.style.display = type === 'beforeprint' ? 'none' : '';
}

/** A press on a button of the notice removes the button. Then the focus goes back to where it was before. */
function giveFocusBack(box: HTMLElement): void {
  let focused: HTMLElement | null = null;
  box.addEventListener('focusin', ({ relatedTarget }) => {
    if (!box.contains(relatedTarget as Node | null)) focused = relatedTarget as HTMLElement | null;
  });
  // It comes after the handler of the button.
  box.addEventListener('click', () => {
    focused?.focus();
    focused = null;
  });
}
