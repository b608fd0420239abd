// What controllers and services get from the decorators, the service and the events.
import { Controller, Get } from '@nestjs/common';
import type { Request } from 'express';
import {
  AllowExpired,
  type AuditEntry,
  type ExpiryReason,
  PassiveRoute,
  type Reason,
  RequireFreshAuth,
  safeReturnTo,
  type SessionEvent,
  type SessionInfo,
  SessionStatus,
  SessionTimeoutService,
} from 'nestjs-session-timeout';
import { type Same, some } from './support.js';

@Controller()
@AllowExpired()
export class Pages {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Get('profile')
  @PassiveRoute()
  @RequireFreshAuth('5m')
  profile(@SessionStatus() status: SessionStatus) {
    // A status is told apart by its state.
    if (status.state === 'expired') return status.reason satisfies Reason;
    // @ts-expect-error: an anonymous visitor has no time left
    if (status.state === 'anonymous') return status.expiresIn;
    return status.expiresIn satisfies number;
  }

  @Get('again')
  @AllowExpired(false)
  @PassiveRoute(false)
  again() {
    return this.sessions.describePolicy().requirements.map(({ state }) => state);
  }

  // @ts-expect-error: it is a switch, not a list of routes
  @PassiveRoute('/feed')
  feed() {}

  // @ts-expect-error: a proof has an age
  @RequireFreshAuth({ minutes: 5 })
  transfer() {}
}

const sessions = some<SessionTimeoutService>();
const req = some<Request>();

sessions.end(req) satisfies Promise<boolean>;
sessions.end('a hash', 'revoked') satisfies Promise<boolean>;
// @ts-expect-error: the reason is one of the list
void sessions.end(req, 'because');
sessions.list('alice') satisfies Promise<readonly SessionInfo[]>;
void sessions.endAll('alice', { except: req, reason: 'revoked' });
// @ts-expect-error: who is meant has to be said
void sessions.endAll({ except: req });
void sessions.renew(req, { restartLimits: false });
// @ts-expect-error: a renewal is of a request, not of an id
void sessions.renew('a hash');
sessions.isFresh(req, '5m') satisfies Promise<boolean>;
// @ts-expect-error: how fresh has to be said
void sessions.isFresh(req);
sessions.onEnd(req, (reason) => reason satisfies Reason) satisfies () => void;
sessions.hashOf(req) satisfies string | undefined;
safeReturnTo(req.query['returnTo'], '/') satisfies string;

// Events and audit entries are told apart by their type.
sessions.events$.subscribe((event) => {
  true satisfies Same<typeof event, SessionEvent>;
  if (event.type === 'expired') event.reason satisfies ExpiryReason;
  if (event.type === 'ledger-failed') event.error satisfies Error;
  // @ts-expect-error: only a failure of the ledger has an error
  if (event.type === 'started') event.error satisfies Error;
  // @ts-expect-error: there is no such event
  if (event.type === 'stopped') event satisfies SessionEvent;
});

const entry = some<AuditEntry>();
if (entry.type === 'sign-in-refused') entry.max satisfies number;
// @ts-expect-error: no limit of sessions is part of an end
if (entry.type === 'ended') entry.max satisfies number;
