import { parse } from '../attempt.js';

/** Drafts of a form that the browser is sending while it leaves the page. */
interface Sending {
  readonly names: readonly string[];
  /** The hash of the session in which the form was sent. */
  readonly session: string;
  /** When the form was sent, in milliseconds since 1970. */
  readonly at: number;
}

/** The longest time between the press of the button and the start of the next page, in milliseconds. */
const SOON = 5000;

/** Forms that the browser sends itself. Only the next page of this tab can tell whether the server has accepted one. */
export function sentForms(name: string) {
  const forget = (): void => sessionStorage.removeItem(name);
  return {
    forget,

    note(names: readonly string[], session: string): void {
      const sending: Sending = { names, session, at: Date.now() };
      sessionStorage[name] = JSON.stringify(sending);
    },

    /**
     * The drafts that the server has accepted. This page is the answer of the server: it is not an error, and the
     * session goes on.
     *
     * @param session the hash of the session of this page
     */
    accepted(session: string): readonly string[] {
      const sending = parse<Sending>(sessionStorage[name]);
      forget();
      const [page] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
      const isAnswer =
        page?.type === 'navigate' &&
        !(page.responseStatus >= 400) &&
        // `timeOrigin` of the page before may lag behind, if the computer has slept.
        Math.abs(Date.now() - performance.now() - (sending?.at ?? 0)) < SOON;
      return isAnswer && sending?.session === session ? sending.names : [];
    },
  };
}
