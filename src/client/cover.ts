import { adoptStyles, element } from './elements.js';

const RULES = `
body, body * { visibility: hidden !important }
dialog.session-cover { position: fixed; inset: 0; box-sizing: border-box; width: 100%; height: 100%; max-width: none;
  max-height: none; margin: 0; border: 0; padding: 2rem 1rem; background: Canvas; color: CanvasText;
  font: 1.125rem/1.5 system-ui, sans-serif; text-align: center; outline: 0 }
dialog.session-cover::backdrop { background: Canvas }
@media print { dialog.session-cover { position: absolute } }`;

/** Hides the page and keeps it as it is: nothing to read, to reach or to hear, until it is taken off. */
export interface Cover {
  /** Puts it on. `text` tells why; empty, it only hides. */
  put(text: string, lang: string, dir: string): void;
  takeOff(): void;
}

export function cover(): Cover {
  let undo: (() => void) | undefined;
  let title: string | undefined;
  const text = element('p', { role: 'status', id: 'session-cover-text' });
  const dialog = element('dialog', { class: 'session-cover', closedby: 'none', 'aria-labelledby': text.id }, text);
  const show = (): void => {
    if (undo && !dialog.open) dialog.showModal();
  };
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  dialog.addEventListener('close', show);

  return {
    put(words, lang, dir) {
      dialog.lang = lang;
      dialog.dir = dir;
      if (text.textContent !== words) text.textContent = words;
      if (!undo) {
        undo = adoptStyles(RULES);
        document.documentElement.append(dialog);
        show();
      }
      // The title can be private, too.
      if (!words || document.title === words) return;
      title ??= document.title;
      document.title = words;
    },
    takeOff() {
      if (!undo) return;
      undo();
      undo = undefined;
      dialog.close();
      dialog.remove();
      if (title !== undefined && document.title === text.textContent) document.title = title;
      title = undefined;
    },
  };
}
