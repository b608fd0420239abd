/** The name of {@link SessionRestoredEvent}. */
const NAME = 'session-timeout:restored';

/** After this many milliseconds, the page is shown, even if the application is not ready. */
const LONGEST = 10_000;

/**
 * Fired on `window` when the same user has signed in again, before the page is shown. Its type is
 * `session-timeout:restored`.
 *
 * @example
 * addEventListener('session-timeout:restored', (event) => event.waitUntil(fetchNewCsrfToken()));
 */
export class SessionRestoredEvent extends Event {
  readonly #work: Promise<unknown>[] = [];

  constructor() {
    super(NAME);
  }

  /** Keeps the page covered until `work` has settled, but at most ten seconds. */
  waitUntil(work: Promise<unknown>): void {
    this.#work.push(work);
  }

  /** Resolves when all promises have settled, or after ten seconds. */
  async settled(): Promise<void> {
    const late = new Promise((resolve) => setTimeout(resolve, LONGEST));
    await Promise.race([Promise.allSettled(this.#work), late]);
  }
}

declare global {
  interface WindowEventMap {
    [NAME]: SessionRestoredEvent;
  }
}

/** Tells the application that the same user has signed in again, and waits until it is ready. */
export function tellRestored(onRestored?: () => unknown): Promise<void> {
  const event = new SessionRestoredEvent();
  // With a promise, an application that throws does not stop the client.
  event.waitUntil(Promise.resolve().then(onRestored));
  dispatchEvent(event);
  return event.settled();
}
