import { listen } from '../listen.js';
import { OPEN_DIALOG } from './dialogs.js';
import { pageTitle } from './page-title.js';

/** How often to check whether the page has removed something, in milliseconds. */
const OFTEN = 500;

const EVENTS =
  'keyup keydown pointerdown touchstart click dblclick auxclick mousedown pointerup mouseup keypress touchend';

/** A dialog on top of everything else, with its own styles and a title for the page while it is open. */
export interface Overlay {
  /** Shows `title` as the title of the page, and the dialog unless it is put `aside`. */
  show(title?: string, aside?: boolean): void;
  /** Removes the dialog, its styles and its title. */
  hide(): void;
  /** Gives the page its own title back, until the next {@link show}. */
  restoreTitle(): void;
  /** Whether the key that was pressed last is held, and repeats. Escape repeats its event `cancel`. */
  isHeld(): boolean | undefined;
  /** Removes the listeners of the overlay for good. */
  stop(): void;
}

/** What had the focus before the first overlay opened. */
let focused: HTMLElement | null | undefined;

/** @param rules CSS rules for the document. They are added as an adopted style sheet, which CSP always allows. */
export function overlay(dialog: HTMLDialogElement, rules: string): Overlay {
  const styles = new CSSStyleSheet();
  const title = pageTitle();
  let watch: ReturnType<typeof setInterval> | undefined;
  /** The last key that was pressed in the dialog and is still down: `undefined` for a pointer, `null` for none. */
  let pressed: string | null | undefined = null;
  /** Whether the key that was pressed last is held, and repeats. */
  let repeats: boolean | undefined;

  // The browser restores the focus only to a frame, not to the element inside it, and not past another dialog.
  // While a key is held, it would press a button of the page. So the focus waits for its release. A frame would take it even
  // if another overlay is open, and then hear the keys.
  const giveBack = (): void =>
    void (pressed || document.querySelector(OPEN_DIALOG) || focused?.focus({ preventScroll: true }));
  dialog.addEventListener('close', giveBack);

  function wear(...own: CSSStyleSheet[]): void {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== styles).concat(own);
  }

  /**
   * Hides keys and clicks that are meant for the dialog from the page, which might close its own dialog or send a form.
   * If the dialog closes before the key or button is released, the release is hidden, too.
   */
  function guard(event: KeyboardEvent): void {
    const { type, code, repeat, target, isTrusted } = event;
    const isOurs = dialog.open && (type.startsWith('key') || dialog.contains(target as Node));
    if (/(y|er)down/.test(type)) {
      repeats = repeat;
      // While Command is held, macOS does not tell that another key is released.
      if (!repeat && (isOurs || !pressed || pressed === code)) pressed = isOurs && !event.metaKey ? code : null;
    }
    if (!isOurs && (pressed !== code || !isTrusted)) return;
    event.stopImmediatePropagation();
    if (pressed === code && /yup|click/.test(type)) {
      pressed = null;
      giveBack();
    }
    // Browsers that translate a page put elements of their own into buttons. A key that is stuck presses them again and again.
    if (isOurs && type === 'click' && !repeats)
      (target as HTMLElement).closest<HTMLElement>('button,a')?.onclick?.(event as unknown as PointerEvent);
  }

  function open(): void {
    // Not in the body, because some applications replace it.
    document.documentElement.append(dialog);
    dialog.showModal();
  }

  /** Restores what the page has removed: the dialog, its styles, and its place on top of other dialogs. */
  function keep(): void {
    if (!document.adoptedStyleSheets.includes(styles)) wear(styles);
    if (!dialog.open || isOnTop(dialog)) return;
    const { activeElement } = document;
    dialog.close();
    open();
    // Behind a modal dialog, nothing can have the focus.
    (activeElement as HTMLElement | null)?.focus();
  }

  return {
    show(text, aside) {
      if (text) title.show(text);
      if (dialog.open || aside) return;
      // A press by voice or by a screen reader brings no other key after a held one.
      repeats = false;
      styles.replaceSync(rules);
      wear(styles);
      let active = document.activeElement as HTMLIFrameElement | null | undefined;
      // If another overlay is open, the focus goes back to where it was before that one.
      if (!document.querySelector(OPEN_DIALOG))
        while (active) {
          focused = active;
          active = (active.contentDocument ?? active.shadowRoot)?.activeElement as typeof active;
        }
      open();
      clearInterval(watch);
      watch = setInterval(keep, OFTEN);
    },
    hide() {
      clearInterval(watch);
      wear();
      dialog.close();
      dialog.remove();
      if (pressed) focused?.blur();
      title.restore();
    },
    restoreTitle: title.restore,
    isHeld: () => repeats,
    // From the start, and so before the listeners of dialogs that the page opens later.
    stop: listen(window, EVENTS, guard),
  };
}

/** Whether a dialog is in the page and nothing covers its centre, which is that of the window. */
function isOnTop(dialog: HTMLDialogElement): boolean {
  const hit = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
  return !hit || dialog.contains(hit);
}
