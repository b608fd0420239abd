import { listen } from '../listen.js';

/** Events that only a present user brings about (scrolling, focus and visibility also happen by themselves). */
const EVENTS = 'pointermove wheel touchmove keyup keydown pointerdown touchstart click input';
/** Those that a bumped table does not bring about. */
const DELIBERATE = /down|start|click|input/;

/** Marks a control that says itself what a press on it means: `<button data-session-action>`. */
export const ACTION = 'data-session-action';

/** Sees whether the user is there. */
export interface ActivityWatcher {
  /** When the user was last active. */
  last(): number;
  /** Watches a window: the page's own, or that of a frame of the same origin. Returns the undo. */
  watch(view: Window): () => void;
  /** While there is a handler, deliberate events go to it and nothing else counts. */
  onDeliberate(handler: (() => void) | undefined): void;
}

/** Its handler stores a time and does nothing else: it runs for each move of the pointer. */
export function activityWatcher(now: () => number): ActivityWatcher {
  let last = -Infinity;
  let x: number | undefined;
  let y: number | undefined;
  let stuck = false;
  let deliberate: (() => void) | undefined;

  function onEvent(event: Event): void {
    if (!event.isTrusted) return;
    const { type } = event;
    if (type === 'pointermove') {
      // Browsers also send moves when something appears under a pointer that rests.
      const { screenX, screenY } = event as PointerEvent;
      if (screenX === x && screenY === y) return;
      x = screenX;
      y = screenY;
    } else if (/key|pointerdown/.test(type)) stuck = (event as KeyboardEvent).repeat;
    // A key that is held down, by a hand or by a book, goes on typing and clicking.
    const isDeliberate = DELIBERATE.test(type);
    if (stuck && isDeliberate) return;
    if (!deliberate) last = now();
    else if (isDeliberate && !isAction(event)) deliberate();
  }

  return {
    last: () => last,
    watch: (view) => listen(view, EVENTS, onEvent),
    onDeliberate(handler) {
      deliberate = handler;
    },
  };
}

/** Walking to a button, or pressing it, is not yet an answer; any other key is, there, too. */
function isAction(event: Event): boolean {
  const { key = ' ' } = event as KeyboardEvent;
  if (key !== ' ' && key !== 'Enter') return /^(Tab|Shift|Control|Alt|Meta)/.test(key);
  return event.composedPath().some((node) => (node as Element).hasAttribute?.(ACTION));
}
