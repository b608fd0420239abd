import type { SessionTimeoutCore } from '../engine/core.js';
import { listen, together } from '../listen.js';

/**
 * What a page in a frame of another origin posts to its parent when its user is active, about once a
 * second at most: `parent.postMessage({ type: 'session-timeout:activity' }, parentOrigin)`.
 */
export interface FrameMessage {
  readonly type: 'session-timeout:activity';
}

/**
 * Counts activity in frames, whose events do not reach the page around them. Frames of the same origin are
 * watched. Frames of other origins may send a {@link FrameMessage}. Returns the undo.
 *
 * @param origins the other origins whose messages count; default none
 */
export function watchFrames(client: SessionTimeoutCore, origins: readonly string[] = []): () => void {
  const watched = new Map<Element, (() => void)[]>();

  function follow(page: Document): () => void {
    for (const frame of page.querySelectorAll('iframe')) watch(frame);
    return listen(page, 'load', onLoad);
  }

  /** A frame gets a new window whenever it loads. A frame of another origin has no `contentDocument`. */
  function watch(frame: HTMLIFrameElement): void {
    const { contentDocument, contentWindow } = frame;
    together(watched.get(frame) ?? [])();
    watched.delete(frame);
    if (!contentDocument || !contentWindow) return;
    watched.set(frame, [client.watch(contentWindow), follow(contentDocument)]);
  }

  function onLoad({ target }: Event): void {
    for (const frame of watched.keys()) if (!frame.isConnected) watched.delete(frame);
    if ((target as Element).tagName === 'IFRAME') watch(target as HTMLIFrameElement);
  }

  function onMessage({ origin, data }: MessageEvent<Partial<FrameMessage> | null>): void {
    if (origins.includes(origin) && data?.type === 'session-timeout:activity') client.reportActivity();
  }

  const undo = [follow(document), listen(window, 'message', onMessage)];
  return () => {
    together([undo, ...watched.values()].flat())();
  };
}
