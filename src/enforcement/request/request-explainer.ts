import { Inject, Injectable } from '@nestjs/common';
import onHeaders from 'on-headers';
import type { StoreHooks } from '../../express-session/store/store-hooks.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { DEBUG_HEADER } from '../../wire/headers.js';
import { type Outcome, type RequestState, stateOfSession } from '../lifecycle/request-session.js';
import { requestedPath } from './requested-url.js';
import { log } from '../timelines/events/log.js';

/** A proxy may refuse an answer with longer headers. */
const LONGEST = 256;

/**
 * With the option `debug`, explains why a session does or does not expire. Each answer, and a line in the log, say
 * whether the request counted as activity, and why.
 */
@Injectable()
export class RequestExplainer {
  private readonly followed = new WeakSet<RequestState>();

  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  /** Explains a request when its answer leaves. Before that, the outcome may still change. */
  follow(state: RequestState): void {
    if (!state.hasResponse || this.followed.has(state)) return;
    this.followed.add(state);
    onHeaders(state.res, () => this.explain(state));
  }

  /**
   * Returns hooks that also follow requests that are answered before our middleware, such as those for static files.
   */
  following(hooks: StoreHooks): StoreHooks {
    if (!this.settings.debug) return hooks;
    return {
      ...hooks,
      arrived: (session, fetched) => {
        hooks.arrived(session, fetched);
        this.follow(stateOfSession(session));
      },
    };
  }

  private explain(state: RequestState): void {
    const { req, res, session, http } = state;
    const { what, why } = state.outcome ?? withoutHandler(state);
    const text = ascii(why === undefined ? what : `${what}; ${why}`);
    res.setHeader(DEBUG_HEADER, text);

    const unjudgedKey = http.exists ? http.key : undefined;
    const key = session ? ('key' in session ? session.key : undefined) : unjudgedKey;
    const about = key === undefined ? '' : ` (session ${key})`;
    log.debug(`${req.method} ${ascii(requestedPath(req))}: ${text}${about}`);
  }
}

/** The outcome of a request that neither our guard nor our routes have seen. */
function withoutHandler({ session, http }: RequestState): Outcome {
  switch (session?.kind) {
    case 'live':
      return { what: 'passive', why: 'no handler' };
    case 'ended':
      return { what: 'ended', why: session.reason };
    case 'anonymous':
      return { what: 'anonymous' };
    case undefined:
      return { what: 'not judged', why: http.exists ? 'answered before our middleware' : 'no session on this path' };
  }
}

/** Other characters could break the header or forge a line of the log, because the path comes from the client. */
function ascii(text: string): string {
  return text.slice(0, LONGEST).replace(/[^ -~]/g, '?');
}
