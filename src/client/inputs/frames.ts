import type { SessionTimeoutCore } from '../engine/core.js';
import { listen } from '../listen.js';

/**
 * What the page in a frame of another origin posts to its parent when its user does something, at
 * most every second or so: `parent.postMessage({ type: 'session-timeout:activity' }, parentOrigin)`.
 */
export interface FrameMessage {
  readonly type: 'session-timeout:activity';
}

/**
 * Counts what happens in frames, which does not reach the page around them: those of the same origin
 * are watched, those of the origins named may send a {@link FrameMessage}. Returns the undo.
 */
export function watchFrames(client: SessionTimeoutCore, origins: readonly string[] = []): () => void {
  const watched = new Map<Element, (() => void)[]>();

  function follow(page: Document): () => void {
    for (const frame of page.querySelectorAll('iframe')) watch(frame);
    return listen(page, 'load', onLoad);
  }

  /** A frame gets a new window whenever it loads. Another origin's shows no document. */
  function watch(frame: HTMLIFrameElement): void {
    const { contentDocument, contentWindow } = frame;
    for (const take of watched.get(frame) ?? []) take();
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
    for (const take of [undo, ...watched.values()].flat()) take();
  };
}
