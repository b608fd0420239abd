import { pageTitle } from './page-title.js';

/** A dialog over everything else, with its styles and a title for the page while it is there. */
export interface Overlay {
  /** Shows `title` as that of the page, and the dialog unless it is put `aside`. */
  show(title?: string, aside?: boolean): void;
  /** Takes everything back. */
  hide(): void;
}

/** @param rules style rules, which no `style-src` refuses */
export function overlay(dialog: HTMLDialogElement, rules: string): Overlay {
  const styles = new CSSStyleSheet();
  const title = pageTitle();
  let focused: HTMLElement | null | undefined;

  // The browser gives the focus back, but not further than to a frame.
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
      // Outside of the body: some applications exchange that.
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
