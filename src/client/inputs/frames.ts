import { attempt } from '../attempt.js';
import type { SessionTimeoutCore } from '../engine/core.js';
import { listen, together } from '../listen.js';

/**
 * The message of a frame of another origin to its parent while its user is active. Send it at most about once a second:
 * `parent.postMessage({ type: 'session-timeout:activity' }, parentOrigin)`.
 */
export interface FrameMessage {
  readonly type: 'session-timeout:activity';
}

/** How often to look for new frames, in milliseconds. Not every new frame causes an event. */
const OFTEN = 1000;

type Frame = Element & Partial<Pick<HTMLIFrameElement, 'contentDocument' | 'contentWindow'>>;

/**
 * Counts activity in frames. Their events do not reach the page around them. Frames of the same origin are watched.
 * Frames of other origins may send a {@link FrameMessage}. Returns a function that stops this.
 *
 * @param origins the other origins whose messages count
 * @param watch called with the window of each frame each time it has loaded a page; returns a function that stops this
 */
export function watchFrames(
  client: SessionTimeoutCore,
  origins: readonly string[] = [],
  watch: (view: Window) => () => void = client.watch,
): () => void {
  const watched = new Map<Document, () => void>();

  /** Looks at the frames of a page, and at the one in use, which may be in a shadow tree. */
  function look(page: Document): void {
    for (const frame of page.querySelectorAll('iframe,frame,object')) follow(frame);
    if (page.querySelector('embed')) followEmbedded(page.defaultView);
    let active = page.activeElement;
    while (active?.shadowRoot) active = active.shadowRoot.activeElement;
    if (active) follow(active);
  }

  /** A frame gets a new document whenever it loads. A frame of another origin shows none. */
  function follow({ contentDocument: page, contentWindow: view }: Partial<Frame>): void {
    if (!page || !view) return;
    if (!watched.has(page)) {
      watched.set(page, together([watch(view), ...heed(view)]));
    }
    look(page);
  }

  /** An `<embed>` with a page in it does not tell its window. It is among the frames of the window around it. */
  function followEmbedded(view: Window | null): void {
    for (let i = 0; i < (view?.length ?? 0); i++) {
      const contentWindow = view![i] as Window;
      follow({ contentWindow, contentDocument: attempt(() => contentWindow.document) ?? null });
    }
  }

  function heed(view: Window): (() => void)[] {
    return [listen(view, 'blur load', lookAround), listen(view, 'pointerover', hover)];
  }

  /** A frame in a shadow tree is found when the pointer comes to it, too. */
  function hover(event: Event): void {
    follow(event.composedPath()[0] as Frame);
  }

  function lookAround(): void {
    for (const [page, undo] of watched) {
      if (page.defaultView) continue;
      undo();
      watched.delete(page);
    }
    look(document);
  }

  function onMessage({ origin, data }: MessageEvent<Partial<FrameMessage> | null>): void {
    if (origins.includes(origin) && data?.type === 'session-timeout:activity') client.reportActivity();
  }

  lookAround();
  // `load` waits for slow images, and `blur` does not come with every change of the focus.
  const timer = setInterval(lookAround, OFTEN);
  const undo = [...heed(window), listen(window, 'message', onMessage)];
  return () => {
    clearInterval(timer);
    together([...undo, ...watched.values()])();
  };
}
