import { attempt } from '../attempt.js';
import type { SessionTimeoutCore } from '../engine/core.js';
import { listen, together } from '../listen.js';
import { type MayRun, RUNNING } from '../running-client.js';

/** How often to look at the windows, in milliseconds. There is no event when a window gets another page. */
const OFTEN = 1000;

/** The window that a page can fill to stay on top of all windows. Not all browsers have it. */
function pictureInPicture(): Window | null | undefined {
  return (window as { documentPictureInPicture?: { readonly window: Window | null } }).documentPictureInPicture?.window;
}

/** What a page in a window gets back when it is shown again. */
interface HiddenPage {
  /** The `display` of its root. */
  readonly display: string;
  title: string;
  /** The title of the page that covers it, which it has in the meantime. */
  cover: string | undefined;
}

/**
 * Handles windows that the page has opened and fills itself. Activity in them counts. They are hidden while the page is
 * hidden, and closed when the session has ended, or when the page is left: no other page knows of them. Returns a function
 * that stops this.
 *
 * @param watch called with the window of each page in them; returns a function that stops this
 */
export function watchPopups(
  client: SessionTimeoutCore,
  popups: Window[],
  watch: (view: Window) => () => void,
): () => void {
  const watched = new Map<Document, () => void>();
  /** The pages in the windows that are hidden. */
  const hidden = new WeakMap<Document, HiddenPage>();

  /**
   * Skips windows with a client of their own: this one (`open('', '_self')`), and those that were open already. Skips windows
   * that have gone to another origin, too, because they throw.
   */
  const each = (act: (view: Window) => void): void => {
    for (const view of [...popups, pictureInPicture()]) attempt(() => view && !(view as MayRun)[RUNNING] && act(view));
  };

  function look(): void {
    for (const view of popups.filter(({ closed }) => closed)) popups.splice(popups.indexOf(view), 1);
    // Nothing may be added to a window that has gone to another origin: it would throw.
    for (const [page, undo] of watched) {
      if (page.defaultView) continue;
      undo();
      watched.delete(page);
    }
    each((view) => {
      const { document } = view;
      if (!watched.has(document)) watched.set(document, watch(view));
    });
    update();
  }

  function update(): void {
    const { state, concealed } = client.snapshot();
    each((view) => {
      if (state === 'expired') view.close();
      else if (concealed) hide(view.document);
      else show(view.document);
    });
  }

  /** The windows of visitors show nothing private, and an empty one may be about to go to a page of its own. */
  function onHide(): void {
    if (/unknown|anonymous/.test(client.snapshot().state)) return;
    each((view) => {
      if ((view.document.body as Element | null)?.firstChild) view.close();
    });
  }

  function hide(page: Document): void {
    const { style } = page.documentElement;
    const own = hidden.get(page) ?? { display: style.display, title: '', cover: undefined };
    // Or the newest one, if the page has changed it since.
    if (page.title !== own.cover) own.title = page.title;
    page.title = document.title;
    // Browsers leave out some spaces.
    own.cover = page.title;
    hidden.set(page, own);
    style.setProperty('display', 'none', 'important');
  }

  function show(page: Document): void {
    const own = hidden.get(page);
    if (!own) return;
    hidden.delete(page);
    page.documentElement.style.display = own.display;
    if (page.title === own.cover) page.title = own.title;
  }

  look();
  const timer = setInterval(look, OFTEN);
  const undo = together([client.subscribe(update), listen(window, 'pagehide', onHide)]);
  return () => {
    clearInterval(timer);
    together([undo, ...watched.values()])();
  };
}

/**
 * Closes the film of a page, or of one in a frame, that is shown in a window of its own (picture-in-picture) as soon as the
 * page is hidden: it would stay on the screen. Returns a function that stops this.
 */
export function closeFilms(client: SessionTimeoutCore, page: Document): () => void {
  const update = (): void => {
    if (client.snapshot().concealed && page.pictureInPictureElement) void page.exitPictureInPicture();
  };
  update();
  return client.subscribe(update);
}

/**
 * Adds the windows that a frame opens and fills itself to `popups`. Nobody else knows of them. Returns a function that stops
 * this.
 */
export function notePopups(view: Window, popups: Window[]): () => void {
  const { open } = view;
  const openAndNote: typeof open = (...given) => {
    const opened = open.apply(view, given);
    if (opened && isFilledByOpener(given[0])) popups.push(opened);
    return opened;
  };
  // Some pages make it read-only.
  attempt(() => (view.open = openAndNote));
  return () => void attempt(() => (view.open = open));
}

/** Whether a window with this URL has no page of its own. */
export function isFilledByOpener(url: string | URL = ''): boolean {
  return /^((about|blob):|$)/.test(`${url}`);
}
