import type { DraftStrings } from '../ui/strings.js';
import { ENGLISH_DRAFTS } from './strings.js';

const BOX =
  'position:fixed;right:1rem;bottom:1rem;z-index:9999;max-width:24rem;padding:.75rem 1rem;border:1px solid;border-radius:.5rem;background:Canvas;color:CanvasText;font:1rem/1.4 system-ui';
const PRESS = 'margin:.5rem .5rem 0 0;padding:.4rem .75rem;font:inherit';

/** The texts in the language of the page, as far as there are any, and that language. */
export type DraftTexts = () => DraftStrings & { readonly lang?: string };

/** A small box that says what was filled in. It takes neither the focus nor the page. */
export interface Notice {
  /**
   * Shows it, unless there is nothing to say, or the user has closed it since it said the same.
   *
   * @param filled how many fields were filled in
   * @param odd how many were not, because they have other content by now
   */
  show(filled: number, odd: number): void;
  /** Removes it. */
  remove(): void;
}

/**
 * @param use fills in what was not
 * @param discard throws away what was typed
 */
export function draftNotice(texts: DraftTexts, use: () => void, discard: () => void): Notice {
  const box = document.createElement('div');
  const text = document.createElement('p');
  let said = '';

  text.setAttribute('role', 'status');
  box.style.cssText = BOX;
  box.dir = 'auto';
  // A press on its buttons does not mean that the user wants to stay signed in.
  box.dataset['sessionAction'] = '';

  return {
    show(filled, odd) {
      const strings = { ...ENGLISH_DRAFTS, ...texts() };
      const words = `${filled ? strings.draftRestored : ''} ${odd ? strings.draftOdd : ''}`.trim();
      if (!words) box.remove();
      // Screen readers speak a text that comes into a region which is there already.
      else if (words === said) text.textContent ||= words;
      else {
        box.lang = strings.lang ?? 'en';
        text.textContent = '';
        box.replaceChildren(
          text,
          ...(odd ? [press(strings.draftUse, use)] : []),
          press(strings.draftDiscard, discard),
          press(strings.draftClose, () => box.remove()),
        );
        document.documentElement.append(box);
      }
      said = words;
    },
    remove: () => box.remove(),
  };
}

function press(textContent: string, onclick: () => void): HTMLButtonElement {
  const button = Object.assign(document.createElement('button'), { textContent, onclick });
  button.style.cssText = PRESS;
  return button;
}
