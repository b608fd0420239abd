import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { Observable, takeUntil } from 'rxjs';
import { goOnAs } from '../../express-session/store/lasting-request.js';
import type { MaybePromise } from '../../base/maybe-promise.js';
import { noop } from '../../base/noop.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import type { Reason } from '../../policy/reason.js';
import { callListener, type Waiting } from '../timelines/session-watch.js';
import { SessionWatches } from '../timelines/session-watches.js';
import {
  currentSession,
  type LiveSession,
  type RequestSession,
  type RequestState,
  setSession,
  verdictOn,
} from './request-session.js';

/** How often the ledger is asked by default whether another instance has ended a session, in milliseconds. */
export const CHECK_INTERVAL = 15_000;

/** Ends everything that lasts longer than a request, such as an event stream or a socket, together with its session. */
@Injectable()
export class SessionLifetime {
  /** Whether the handshakes of sockets are judged, and sockets end with their session. */
  guardsSockets = false;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly watches: SessionWatches,
  ) {}

  /** Returns the stream, which ends with its session. */
  endWithSession<T>(stream: Observable<T>, req: Request, session: LiveSession): Observable<T> {
    const ended = new Observable<Reason>((subscriber) => {
      const waiting = this.waitingFor(req, session, (reason) => subscriber.next(reason));
      return this.watches.watch(session, waiting, this.timeLeft(session));
    });
    return stream.pipe(takeUntil(ended));
  }

  /**
   * Calls `listener` when the session of a request has ended. Never calls it if the request has no session.
   *
   * @returns a function that stops waiting
   */
  onEnd(
    state: RequestState,
    session: RequestSession | undefined,
    listener: (reason: Reason) => void,
    checkInterval = CHECK_INTERVAL,
  ): () => void {
    if (session?.kind === 'ended') return soon(() => callListener(listener, session.reason));
    if (session?.kind !== 'live') return noop;
    const waiting = this.waitingFor(state.req, session, listener, checkInterval);
    if (state.hasResponse) return this.watches.watch(session, waiting, this.timeLeft(session));
    return this.waitLong(state, session, { ...waiting, onNewId: (moved) => goOn(state, moved) });
  }

  /** Records activity of the user of a lasting request. Returns false if the session has ended. */
  active({ lasting }: RequestState): MaybePromise<boolean> {
    return lasting ? this.watches.active(lasting) : true;
  }

  /** Waits for the end of the session of a lasting request, which may have another id than when it came. */
  private waitLong(state: RequestState, session: LiveSession, waiting: Waiting): () => void {
    const { lasting } = state;
    const others = (state.waiting ??= new Set());
    for (const other of others) if (!isWaiting(other)) others.delete(other);
    // The watch that others use knows better when the session ends.
    const left = others.size > 0 ? Infinity : this.timeLeft(session);
    others.add(waiting);
    const leave = this.watches.watch(lasting?.watch?.session ?? session, waiting, left, true);
    return () => {
      leave();
      if (others.size > 1) others.delete(waiting);
    };
  }

  private waitingFor(
    req: Request,
    session: LiveSession,
    onEnd: (reason: Reason) => void,
    checkInterval = CHECK_INTERVAL,
  ): Waiting {
    const limits = () => this.settings.limitsFor(req, session.user);
    return { limits, checkInterval, onEnd };
  }

  private timeLeft(session: LiveSession): number {
    const verdict = verdictOn(session, this.settings.clock.now());
    return verdict.alive ? verdict.expiresIn : 0;
  }
}

/** Gives a lasting request the new id of its session. */
function goOn(state: RequestState, { sessionId, key }: Pick<LiveSession, 'sessionId' | 'key'>): void {
  if (currentSession(state)?.kind !== 'live') return;
  goOnAs(state.req, sessionId);
  setSession(state, { ...(state.session as LiveSession), sessionId, key });
  state.hasOldData = true;
}

function isWaiting(waiting: Waiting): boolean {
  return waiting.watch?.waiting.has(waiting) === true;
}

/** Does something later, unless it is cancelled. */
function soon(work: () => void): () => void {
  const immediate = setImmediate(work);
  return () => clearImmediate(immediate);
}
