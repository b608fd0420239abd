import type { Field } from './field.js';

/** Milliseconds after a script has got hold of a form in which its requests are taken for the attempt to save it. */
const SOON = 1000;

/** What a script is about to save: the fields, each with what it held then. */
export type Contents = ReadonlyMap<Field, string>;

/** Sees how scripts save forms. */
export interface SaveWatcher {
  /** A script has got hold of a form at `at`, a time of the performance timeline of the window. */
  begin(contents: Contents, at: number): void;
  /** Stops it. */
  stop(): void;
}

/**
 * Sees by the performance timeline whether the requests of a script that sends a form succeed: `fetch` needs no change
 * for that. A request that fails says that the form is not saved, whatever others did.
 *
 * @param settle called with what was sent, and whether it is saved now
 */
export function watchSaves(
  view: Partial<typeof globalThis>,
  settle: (contents: Contents, isSaved: boolean) => void,
): SaveWatcher {
  let sent: Contents = new Map();
  let sentAt = -Infinity;
  let failed = false;

  function hear({ name, initiatorType, startTime, responseStatus }: PerformanceResourceTiming): void {
    const after = startTime - sentAt;
    // Our own pings say nothing about a form. Browsers that do not know the status leave it out.
    if (!(after >= 0 && after < SOON) || !responseStatus || /\/ping\?n=/.test(name)) return;
    if (!/^(fetch|xml)/.test(initiatorType)) return;
    failed ||= responseStatus >= 300;
    settle(sent, !failed);
  }

  const observer =
    view.PerformanceObserver &&
    new view.PerformanceObserver((list) => {
      for (const entry of list.getEntries()) hear(entry as PerformanceResourceTiming);
    });
  observer?.observe({ type: 'resource' });
  return {
    begin(contents, at) {
      sent = contents;
      sentAt = at;
      failed = false;
    },
    stop: () => observer?.disconnect(),
  };
}
