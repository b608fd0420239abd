import { attempt } from '../../attempt.js';
import type { Field } from './field.js';

/**
 * For this many milliseconds after a script has taken a form, and after the answers to the requests that it begins then,
 * its requests count as attempts to save the form.
 */
const SOON = 1000;

/** The longest time of a request that may get such a token, in milliseconds. */
const LONGEST = 5000;

/** The fields that a script is about to save, each with its content at that time. */
export type Contents = ReadonlyMap<Field, string>;

/** Notices when scripts save forms. */
export interface SaveWatcher {
  /**
   * A form is sent, or its data is collected, with this content. If a script does that, watches whether its requests succeed.
   *
   * @param event a `submit` or `formdata` that the page has heard by now
   * @returns whether the browser itself may send the form
   */
  begin(contents: Contents, event: Event): boolean;
  /** Stops watching. */
  stop(): void;
}

/**
 * Finds out from the performance timeline whether the requests that send a form succeed, without changing `fetch`. If
 * any of them fails, the form does not count as saved.
 *
 * @param settle called with what was sent, and whether it is saved now
 * @param unknown the status to assume in browsers that do not tell it; without one, such answers say nothing
 */
export function watchSaves(
  view: Partial<typeof globalThis>,
  settle: (contents: Contents, isSaved: boolean) => void,
  unknown?: number,
): SaveWatcher {
  let sent: Contents = new Map();
  let sentAt = -Infinity;
  let until = -Infinity;
  let failed = false;

  function hear(entry: PerformanceResourceTiming): void {
    const { name, initiatorType, startTime, responseEnd, responseStatus = unknown! } = entry;
    // Our own requests say nothing about a form.
    if (!(startTime >= sentAt && startTime < until) || /\/(ping\?n|draft-key\?after)=/.test(name)) return;
    if (!/^(fetch|xml)/.test(initiatorType)) return;
    // Some browsers do not tell the status, and other sites may hide it. A request to this site without one got no answer.
    if (!responseStatus && (responseStatus !== 0 || !name.startsWith(location.origin))) return;
    // A script may get a token first, and send the form then. A poll may take much longer.
    const end = Math.min(responseEnd, sentAt + LONGEST) + SOON;
    if (startTime - sentAt < SOON && end > until) until = end;
    failed ||= !responseStatus || responseStatus >= 300;
    settle(sent, !failed);
  }

  const observer =
    view.PerformanceObserver &&
    new view.PerformanceObserver((list) => {
      for (const entry of list.getEntries()) hear(entry as PerformanceResourceTiming);
    });
  observer?.observe({ type: 'resource' });
  return {
    begin(contents, event) {
      const { type, defaultPrevented, timeStamp } = event;
      if (defaultPrevented || type === 'formdata') {
        sent = contents;
        sentAt = timeStamp;
        until = sentAt + SOON;
        failed = false;
      }
      return !defaultPrevented && !staysHere(event as SubmitEvent);
    },
    stop: () => observer?.disconnect(),
  };
}

/** Whether a form only closes a dialog, or its button shows it in another tab, such as a preview. The page keeps the text. */
function staysHere({ target, submitter }: SubmitEvent): boolean {
  if (submitter?.matches('[formmethod=dialog],[formtarget=_blank]')) return true;
  // A field called `matches` takes the place of the method of its form.
  const isDialog = attempt(() => Element.prototype.matches.call(target as Element, '[method=dialog]'));
  return isDialog === true && !submitter?.hasAttribute('formmethod');
}
