import { listen, together } from '../../listen.js';

/** Files that browsers download and do not display. */
const FILE = /\.(csv|xlsx?|docx?|pptx?|od[pst]|zip|t?gz|tar|7z|rar|ics|vcf|rtf|epub|exe|msi|dmg|apk|iso)$/i;

/** The part of the Navigation API that shows where the page goes. */
type Navigation = EventTarget | undefined;
type NavigateEvent = Event & {
  readonly destination: { readonly url: string };
  readonly downloadRequest: string | null;
};

/**
 * Calls `note` when somebody follows a link that does not replace the page, such as one to a file or to `mailto:`.
 * Browsers fire `beforeunload` for such links, too. Returns a function that stops this.
 */
export function watchHarmlessLinks(view: Window, note: () => void): () => void {
  function onClick(event: Event): void {
    // Other elements have something else as `href`: links in SVG, and forms with a field of this name.
    const link = event
      .composedPath()
      .find((node) => typeof (node as Partial<HTMLAnchorElement>).href === 'string') as HTMLAnchorElement;
    if (link?.href && !event.defaultPrevented && staysOnPage(link.href, link.hasAttribute('download'))) note();
  }

  function onNavigate(event: Event): void {
    const { destination, downloadRequest } = event as NavigateEvent;
    if (staysOnPage(destination.url, downloadRequest !== null)) note();
  }

  const { navigation } = view as Window & { navigation?: Navigation };
  return together([listen(view, 'click', onClick, false), navigation && listen(navigation, 'navigate', onNavigate)]);
}

function staysOnPage(url: string, isDownload: boolean): boolean {
  return isDownload || !/^(https?|javascript|blob|about|data):/.test(url) || FILE.test(new URL(url).pathname);
}
