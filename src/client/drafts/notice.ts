import type { DraftStrings } from '../ui/strings.js';
import { placeNotice } from './notice-place.js';

const BOX =
  'position:fixed;right:1em;bottom:1em;z-index:9999;max-width:24em;padding:.75em 1em;border:1px solid;border-radius:.5em;background:Canvas;color:CanvasText;font:medium/1.4 system-ui';
const PRESS = 'margin:.5em .5em 0 0;padding:.4em .75em;font:inherit';

/** The texts, and their language if it is not English. */
export type DraftTexts = () => Required<DraftStrings> & { readonly lang?: string };

/** A small box that says what was filled in. It neither takes the focus nor covers the page. */
export interface Notice {
  /**
   * Shows the notice, unless there is nothing to say, or the user has closed it and it would say the same again.
   *
   * @param filled how many fields were filled in
   * @param odd how many fields were not filled in, because their original content has changed
   */
  show(filled: number, odd: number): void;
  /** Removes the notice. */
  remove(): void;
}

/**
 * @param use fills in the remaining fields
 * @param discard deletes the drafts
 */
export function draftNotice(texts: DraftTexts, use: () => void, discard: () => void): Notice {
  const box = document.createElement('div');
  const text = document.createElement('p');
  let said = '';
  let isClosed = false;

  text.setAttribute('role', 'status');
  box.style.cssText = BOX;
  box.dir = 'auto';
  // A press on its buttons does not mean that the user wants to stay signed in.
  box.dataset['sessionAction'] = '';

  function close(): void {
    isClosed = true;
    box.remove();
  }

  return {
    show(filled, odd) {
      const strings = texts();
      const words = `${filled ? strings.draftRestored : ''} ${odd ? strings.draftOdd : ''}`.trim();
      // Screen readers speak a text only if it comes into a region that already exists.
      if (words === said) text.textContent ||= words;
      else {
        said = words;
        isClosed = false;
        box.lang = strings.lang ?? 'en';
        text.textContent = '';
        box.replaceChildren(
          text,
          ...(odd ? [press(strings.draftUse, use)] : []),
          press(strings.draftDiscard, discard),
          press(strings.draftClose, close),
        );
      }
      if (!words) box.remove();
      else if (!isClosed) placeNotice(box);
    },
    remove: () => box.remove(),
  };
}

function press(textContent: string, onclick: () => void): HTMLButtonElement {
  const button = Object.assign(document.createElement('button'), { textContent, onclick });
  button.style.cssText = PRESS;
  return button;
}
