import { pageTitle } from './page-title.js';

/** A dialog on top of everything else. While it is open, it brings its styles and a title for the page. */
export interface Overlay {
  /** Shows `title` as the title of the page, and the dialog unless it is put `aside`. */
  show(title?: string, aside?: boolean): void;
  /** Removes the dialog, its styles and its title. */
  hide(): void;
}

/** @param rules CSS rules. They are adopted by the document, which no `style-src` forbids. */
export function overlay(dialog: HTMLDialogElement, rules: string): Overlay {
  const styles = new CSSStyleSheet();
  const title = pageTitle();
  let focused: HTMLElement | null | undefined;

  // The browser gives the focus back, but only to a frame, not into it.
  dialog.addEventListener('close', () => focused?.focus());

  function wear(...own: CSSStyleSheet[]): void {
    document.adoptedStyleSheets = [...document.adoptedStyleSheets.filter((sheet) => sheet !== styles), ...own];
  }

  return {
    show(text, aside) {
      if (text) title.show(text);
      if (dialog.open || aside) return;
      styles.replaceSync(rules);
      wear(styles);
      focused = (document.activeElement as HTMLIFrameElement | null)?.contentDocument?.activeElement as HTMLElement;
      // Not in the body: some applications replace it.
      document.documentElement.append(dialog);
      dialog.showModal();
    },
    hide() {
      wear();
      dialog.close();
      dialog.remove();
      title.restore();
    },
  };
}
