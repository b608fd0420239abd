import { listen, together } from '../listen.js';

/** Events that need a user. Scrolling, focus and visibility also change without one. */
const EVENTS = 'pointermove wheel touchmove keyup keydown pointerdown touchstart';
/** The same, but scripts cause them as well, and browsers mark what a script causes in a field as trusted. */
const CAUSED = 'click input';
/** Events that are deliberate. A bump against the table does not cause them. */
const DELIBERATE = /down|start|click|input/;

/** Marks a control, so that a press on it does not mean "stay": `<button data-session-action>`. */
export const ACTION = 'data-session-action';

/** Sees whether the user is active. */
export interface ActivityWatcher {
  /** When the user was last active; `-Infinity` if never. */
  last(): number;
  /**
   * Whether the user has done anything deliberate so far. Moves of the pointer do not count, because one comes when the
   * page appears.
   */
  isUsed(): boolean;
  /** Watches the window of the page or of a frame of the same origin. Returns a function that stops this. */
  watch(view: Window): () => void;
  /** While there is a handler, deliberate events go to it, and no event counts as activity. */
  onDeliberate(handler: (() => void) | undefined): void;
}

/**
 * Creates the watcher. Its listener only stores a time, because it runs for each move of the pointer.
 *
 * @param isScripted whether a script, and not the user, has changed or clicked a field
 */
export function activityWatcher(now: () => number, isScripted?: (event: InputEvent) => boolean): ActivityWatcher {
  let last = -Infinity;
  let x: number | undefined;
  let y: number | undefined;
  let stuck = false;
  let used = false;
  let deliberate: (() => void) | undefined;

  function onEvent(event: Event): void {
    const { type, isTrusted } = event;
    if (!isTrusted) return;
    if (type === 'pointermove') {
      // Browsers also send a move when a page or something else appears under a pointer that rests.
      const { screenX, screenY, movementX, movementY } = event as PointerEvent;
      // A pointer that is locked (`requestPointerLock()`) stays where it is. Where the first move came from is unknown.
      const moved = movementX || movementY || x! - screenX || y! - screenY;
      x = screenX;
      y = screenY;
      if (!moved) return;
    } else if (/key|pointerdown/.test(type)) stuck = (event as KeyboardEvent).repeat;
    // A key that is stuck, for example under a book, keeps typing and clicking.
    const isDeliberate = DELIBERATE.test(type);
    if (stuck && isDeliberate) return;
    used ||= isDeliberate;
    if (!deliberate) last = now();
    else if (isDeliberate && !isAction(event)) deliberate();
  }

  return {
    last: () => last,
    isUsed: () => used,
    watch: (view) =>
      together([
        listen(view, EVENTS, onEvent),
        listen(view, CAUSED, async (event) => {
          await undefined;
          if (!isScripted?.(event as InputEvent)) onEvent(event);
        }),
      ]),
    onDeliberate(handler) {
      deliberate = handler;
    },
  };
}

/**
 * Whether an event only moves the focus or presses a marked button. All other keys mean "stay", also on a button. WebKit
 * calls Shift+Tab `Unidentified`.
 */
function isAction(event: Event): boolean {
  const { key = ' ' } = event as KeyboardEvent;
  if (key !== ' ' && key !== 'Enter') return /^(Tab|Shift|Control|Alt|Meta|Unid)/.test(key);
  return event.composedPath().some((node) => (node as Element).hasAttribute?.(ACTION));
}
