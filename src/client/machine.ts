import { afterAnswer, afterHearing, afterTiming, type Answer, asking, leaving } from './answers.js';
import { isConcealed, isExtendable, type Knowledge, nothingKnown } from './knowledge.js';
import { backoff, isWarningConfirmed, warnAt, warningGrace } from './schedule.js';

/** What happens to a page, at the moment `at`. */
export type Happening = { readonly at: number } & (
  | ({ readonly type: 'answered' } & Answer)
  /** Another tab got an answer; `session` is the tag of the session it belongs to. */
  | ({ readonly type: 'heard'; readonly session: string | undefined } & Answer)
  /** An ordinary answer of the server told how much is left. */
  | { readonly type: 'timed'; readonly askedAt: number; readonly left: number; readonly expired: boolean }
  /** No answer, or one that says nothing. `spread`: 0 to 1, by chance. */
  | { readonly type: 'failed'; readonly retryAfter: number; readonly spread: number }
  | { readonly type: 'active' }
  | { readonly type: 'held'; readonly held: boolean }
  /** The user has said to stay. */
  | { readonly type: 'stay' }
  /** Something calls for an answer: focus, a network that is back, clocks that jumped. `doubt`: hide until then. */
  | { readonly type: 'looked'; readonly doubt?: boolean }
  /** The user signs out here or, with a tag, in another tab. */
  | { readonly type: 'signing-out'; readonly session?: string | undefined }
  | { readonly type: 'signed-out' }
  /** The page is where it would have to go. */
  | { readonly type: 'arrived' }
  | { readonly type: 'ticked' }
);

/** What the page knows after something has happened. Pure: the rules of the client are all behind it. */
export function reduce(known: Knowledge, event: Happening): Knowledge {
  const { at } = event;
  if (event.type === 'arrived') return { ...nothingKnown, phase: 'anonymous', answeredAt: at };
  if (event.type === 'signed-out') return leaving(known, 'signed-out');
  if (event.type === 'failed') return afterFailure(known, at, event.retryAfter, event.spread);
  if (known.phase === 'over') return known;

  switch (event.type) {
    case 'answered':
      return afterAnswer(known, event);
    case 'heard':
      return afterHearing(known, event, event.session);
    case 'timed':
      return afterTiming(known, at, event.askedAt, event.left, event.expired);
    case 'active':
      // What comes while the warning shows, or after the end, puts nothing off.
      return known.warned || isConcealed(known, at) || at <= known.activeAt ? known : { ...known, activeAt: at };
    case 'held':
      return { ...known, held: event.held };
    case 'stay':
      if (known.phase !== 'live' || isConcealed(known, at)) return asking(known, at);
      if (known.warned && !isExtendable(known)) return known;
      return { ...asking(known, at), activeAt: at, stay: 'pending' };
    case 'looked':
      if (known.phase === 'anonymous' && !event.doubt) return known;
      return { ...asking(known, at), doubtedAt: event.doubt ? at : known.doubtedAt };
    case 'signing-out':
      if (event.session === undefined) return { ...known, phase: 'over', signingOut: true };
      return event.session === known.session && !known.signingOut
        ? { ...asking(known, at + 1000), signingOut: true }
        : known;
    case 'ticked':
      return known.warned || !isWarningDue(known, at) ? known : { ...known, warned: true };
  }
}

function afterFailure(known: Knowledge, at: number, retryAfter: number, spread: number): Knowledge {
  const failed: Knowledge = {
    ...known,
    failures: known.failures + 1,
    stay: known.stay === 'pending' ? 'failed' : known.stay,
  };
  return { ...failed, retryAt: at + backoff(failed, at, retryAfter, spread) };
}

/**
 * Whether to warn. Somebody whose activity is on its way to the server is not warned, unless it does
 * not get there; somebody who is away is, once the server agrees or does not answer in time.
 */
function isWarningDue(known: Knowledge, now: number): boolean {
  if (known.phase !== 'live' || now < warnAt(known)) return false;
  if (known.failures >= 3) return true;
  const end = Math.min(Math.max(known.idleAt, known.activeAt + known.idleTimeout), known.absoluteAt);
  const present = known.activeAt > known.answeredAt && end - now > known.warnBefore;
  if (present) return false;
  return isWarningConfirmed(known) || known.failures > 0 || now >= warnAt(known) + warningGrace(known);
}
