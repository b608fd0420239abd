import { type Ending, endOf, isExtendable, type Knowledge, nothingKnown } from './session-state.js';
import type { Reply } from '../reply.js';

/** What the page knows once the server has answered at `at` what it was asked at `askedAt`. */
export function afterAnswer(known: Knowledge, at: number, askedAt: number, reply: Reply): Knowledge {
  if (askedAt < known.answeredAt) return known;
  const { loginUrl = known.loginUrl } = reply;
  const now = { ...known, answeredAt: askedAt, failures: 0, retryAt: -Infinity, loginUrl };

  if (reply.state === 'anonymous') {
    if (!known.seen) return anonymous(now);
    if (known.signingOut) return ended(now, 'signed-out');
    // The answer that another tab got may have taken the cookie along: then this page's clock knows why.
    return ended(now, known.told ?? (at < endOf(known) ? 'lost' : isExtendable(known) ? 'idle' : 'absolute'));
  }
  if (reply.state === 'expired') {
    if (known.fresh && !known.seen) return anonymous(now);
    if (reply.reason === 'replaced' && !known.replaced) return askingAgain(known, at);
    return ended(now, reply.reason);
  }
  const { session, idleTimeout, idleLeft, absoluteLeft, warnBefore } = reply;
  if (known.session !== undefined && known.session !== session) {
    return known.replaced ? ended(now, 'other') : askingAgain(known, at);
  }
  // The tab that said so did not get through: this one does it.
  if (known.signingOut) return { ...now, phase: 'over' };
  return settled(
    {
      ...now,
      phase: 'live',
      seen: true,
      session,
      replaced: false,
      idleTimeout: idleTimeout ?? Infinity,
      warnBefore,
      idleAt: askedAt + (idleLeft ?? Infinity),
      absoluteAt: askedAt + (absoluteLeft ?? Infinity),
    },
    at,
  );
}

/** Makes the page ask at once, also in the very moment of an answer: some browsers blur their clocks. */
export function asking(known: Knowledge, at: number): Knowledge {
  return { ...known, wantedAt: Math.max(at, known.answeredAt + 1), retryAt: -Infinity };
}

/** The same; nothing is shown before the answer. */
export function doubting(known: Knowledge, at: number): Knowledge {
  const asked = asking(known, at);
  return { ...asked, doubtedAt: asked.wantedAt };
}

/** The session is over, and the page is left. */
export function ended(known: Knowledge, ending: Ending): Knowledge {
  return { ...known, phase: 'over', ending };
}

/** Nobody is signed in, and nobody was. */
export function anonymous({ answeredAt, loginUrl }: Knowledge): Knowledge {
  return { ...nothingKnown, phase: 'anonymous', answeredAt, loginUrl };
}

/** A late answer may speak of a session of before: nothing is shown, and nothing done, before a second one. */
export function askingAgain(known: Knowledge, at: number): Knowledge {
  return { ...doubting(known, at), replaced: true };
}

/** Whether the warning goes on, and what became of the wish to stay, by the numbers. */
export function settled(known: Knowledge, at: number): Knowledge {
  const warned = known.warned && endOf(known) - at <= known.warnBefore;
  if (!warned || !isExtendable(known)) return { ...known, warned, stay: 'idle' };
  return { ...known, stay: known.stay !== 'idle' && known.answeredAt >= known.wantedAt ? 'failed' : known.stay };
}
