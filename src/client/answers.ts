import type { LiveStatus } from '../policy/status.js';
import { endOf, isExtendable, type Knowledge, nothingKnown, type Outcome } from './knowledge.js';
import type { Reply } from './reply.js';

/** An answer: `askedAt` is when the question was sent, `at` when the answer came. */
export interface Answer {
  readonly at: number;
  readonly askedAt: number;
  readonly reply: Reply;
  /** The activity the question told of. */
  readonly reported?: number;
}

/** What the page knows after the server has answered it. */
export function afterAnswer(known: Knowledge, { at, askedAt, reply, reported = -Infinity }: Answer): Knowledge {
  if (askedAt < known.answeredAt) return known;
  const now = {
    ...known,
    answeredAt: askedAt,
    failures: 0,
    retryAt: -Infinity,
    loginUrl: reply.loginUrl ?? known.loginUrl,
  };

  if (reply.state === 'anonymous') {
    return known.seen ? leaving(now, known.signingOut ? 'signed-out' : 'lost') : anonymous(now);
  }
  if (reply.state === 'expired') {
    if (!known.seen && known.arrivedExpired) return anonymous(now);
    if (reply.reason === 'replaced' && !known.replaced) return askedAgain(known, at, askedAt);
    return leaving(now, reply.reason, reply.message);
  }
  if (known.session !== undefined && known.session !== reply.session) {
    return known.replaced ? over(now, { do: 'reload' }) : askedAgain(known, at, askedAt);
  }
  // The tab that said so did not get through: this one does it.
  if (known.signingOut) return { ...now, phase: 'over' };
  return living({ ...now, reportedAt: Math.max(known.reportedAt, reported) }, at, askedAt, reply);
}

/**
 * What it knows after another tab has got an answer about the session with the tag `session`. What
 * is said of another session only makes this page ask for itself.
 */
export function afterHearing(known: Knowledge, answer: Answer, session: string | undefined): Knowledge {
  const { at, askedAt, reply } = answer;
  if (askedAt <= known.answeredAt) return known;
  const alive = isLiving(reply);
  if (known.phase !== 'live') return alive ? asking(known, at) : known;
  if (session !== known.session) return alive ? askedAgain(known, at, askedAt) : asking(known, at);
  return alive && known.signingOut ? known : afterAnswer(known, answer);
}

/** What it knows after an ordinary answer told how much is `left`; it does not tell of which session or limit. */
export function afterTiming(known: Knowledge, at: number, askedAt: number, left: number, expired: boolean): Knowledge {
  if (askedAt <= known.answeredAt) return known;
  if (known.phase === 'anonymous') return expired ? known : asking(known, at);
  if (expired) return { ...asking(known, at), doubtedAt: at };
  const end = askedAt + left;
  if (known.phase === 'unknown') return { ...known, seen: true, idleAt: end };
  // The absolute end does not move: this says only that the idle one comes later.
  if (Math.abs(end - known.absoluteAt) < 1000) return { ...known, idleAt: Math.max(known.idleAt, known.absoluteAt) };
  return end > known.absoluteAt ? asking(known, at) : settled({ ...known, answeredAt: askedAt, idleAt: end }, at);
}

/** Makes the page ask at once. */
export function asking(known: Knowledge, at: number): Knowledge {
  return { ...known, wantedAt: at, retryAt: -Infinity };
}

/** The session is over, and the page is left. */
export function leaving(
  known: Knowledge,
  reason: Extract<Outcome, { do: 'leave' }>['reason'],
  message = '',
): Knowledge {
  return over(known, { do: 'leave', reason, message });
}

/** A late answer may speak of a session of before: nothing is shown, and nothing done, before a second one. */
function askedAgain(known: Knowledge, at: number, askedAt: number): Knowledge {
  const after = Math.max(at, askedAt + 1);
  return { ...asking(known, after), doubtedAt: after, replaced: true };
}

function living(known: Knowledge, at: number, askedAt: number, reply: LiveStatus): Knowledge {
  return settled(
    {
      ...known,
      phase: 'live',
      seen: true,
      session: reply.session,
      replaced: false,
      idleTimeout: reply.idleTimeout ?? Infinity,
      warnBefore: reply.warnBefore,
      idleAt: askedAt + (reply.idleLeft ?? Infinity),
      absoluteAt: askedAt + (reply.absoluteLeft ?? Infinity),
    },
    at,
  );
}

/** Whether the warning goes on, and what became of the wish to stay, by the numbers. */
function settled(known: Knowledge, at: number): Knowledge {
  const warned = known.warned && endOf(known) - at <= known.warnBefore;
  const tried = known.stay !== 'idle' && known.answeredAt >= known.wantedAt;
  const stay = !warned || (tried && !isExtendable(known)) ? 'idle' : tried ? 'failed' : known.stay;
  return { ...known, warned, stay };
}

function anonymous(known: Knowledge): Knowledge {
  return { ...nothingKnown, phase: 'anonymous', answeredAt: known.answeredAt, loginUrl: known.loginUrl };
}

function over(known: Knowledge, outcome: Outcome): Knowledge {
  return { ...known, phase: 'over', outcome };
}

function isLiving(reply: Reply): reply is Reply & LiveStatus {
  return reply.state === 'active' || reply.state === 'warning';
}
