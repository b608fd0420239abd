import { listen } from '../listen.js';
import { pageTitle } from './page-title.js';

/** Milliseconds between two looks whether the page has taken something away. */
const OFTEN = 500;

const EVENTS = 'keydown keypress keyup pointerdown pointerup mousedown mouseup click';

/** A dialog on top of everything else. While it is open, it brings its styles and a title for the page. */
export interface Overlay {
  /** Shows `title` as the title of the page, and the dialog unless it is put `aside`. */
  show(title?: string, aside?: boolean): void;
  /** Removes the dialog, its styles and its title. */
  hide(): void;
  /** Gives the page its own title back, until the next {@link show}. */
  restoreTitle(): void;
}

/** @param rules CSS rules. They are adopted by the document, which no `style-src` forbids. */
export function overlay(dialog: HTMLDialogElement, rules: string): Overlay {
  const styles = new CSSStyleSheet();
  const title = pageTitle();
  let focused: HTMLElement | null | undefined;
  let watch: ReturnType<typeof setInterval> | undefined;
  let unguard: (() => void) | undefined;
  /** The key that was pressed last while the dialog was open: `undefined` for a pointer, `null` for none. */
  let pressed: string | null | undefined = null;

  // The browser gives the focus back, but only to a frame, not into it.
  dialog.addEventListener('close', () => dialog.open || focused?.focus());

  function wear(...own: CSSStyleSheet[]): void {
    document.adoptedStyleSheets = [...document.adoptedStyleSheets.filter((sheet) => sheet !== styles), ...own];
  }

  /**
   * Keys and clicks for the dialog are no business of the page: its own dialog would close, or something be sent. If the
   * dialog closes before a key or button is let go, the page does not hear of the rest of that press either.
   */
  function guard(event: Event): void {
    const { type, target, code, repeat } = event as KeyboardEvent;
    const isOurs = dialog.open && (event.composedPath().includes(dialog) || type.startsWith('key'));
    if (/(y|er)down/.test(type) && !repeat && (isOurs || pressed === code)) pressed = isOurs ? code : null;
    if (!isOurs && pressed !== code) return;
    event.stopImmediatePropagation();
    if (pressed === code && /yup|click/.test(type)) pressed = null;
    if (isOurs && type === 'click') (target as HTMLElement).onclick?.(event as unknown as PointerEvent);
  }

  function open(): void {
    // Not in the body: some applications replace it.
    document.documentElement.append(dialog);
    dialog.showModal();
  }

  /** Puts back what the page has taken away: the dialog, its styles, its place on top of other dialogs. */
  function keep(): void {
    if (!document.adoptedStyleSheets.includes(styles)) wear(styles);
    if (!dialog.open || isOnTop(dialog)) return;
    const { activeElement } = document;
    dialog.close();
    open();
    if (dialog.contains(activeElement)) (activeElement as HTMLElement).focus();
  }

  return {
    show(text, aside) {
      if (text) title.show(text);
      if (dialog.open || aside) return;
      styles.replaceSync(rules);
      wear(styles);
      focused = (document.activeElement as HTMLIFrameElement | null)?.contentDocument?.activeElement as HTMLElement;
      open();
      clearInterval(watch);
      watch = setInterval(keep, OFTEN);
      unguard?.();
      unguard = listen(window, EVENTS, guard);
    },
    hide() {
      clearInterval(watch);
      // The rest of a press comes later.
      if (pressed === null) unguard?.();
      wear();
      dialog.close();
      dialog.remove();
      title.restore();
    },
    restoreTitle: title.restore,
  };
}

/** Whether a dialog is in the page, and nothing lies over its middle. */
function isOnTop(dialog: HTMLDialogElement): boolean {
  const { left, top, width, height } = dialog.getBoundingClientRect();
  const hit = document.elementFromPoint(left + width / 2, top + height / 2);
  return dialog.isConnected && (!hit || dialog.contains(hit));
}
