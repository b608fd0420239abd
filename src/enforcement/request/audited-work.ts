import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { aroundDestroy } from '../../express-session/session-destroy.js';
import type { StoreHooks } from '../../express-session/store/store-hooks.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { AuditTrail } from '../timelines/events/audit-trail.js';
import { addressOf, auditedRequest } from './audited-request.js';

/**
 * Does the work of requests, so that the audit trail names the right one. A request may be answered in a callback that
 * runs in the context of another one, such as the request that has opened a connection of a pool.
 */
@Injectable()
export class AuditedWork {
  /** The addresses of clients, as they were when their requests came. A closed connection has none any more. */
  private readonly addresses = new WeakMap<Request, string | undefined>();

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly trail: AuditTrail,
  ) {}

  /** Does work of a request. The audit trail names this request for everything that happens to sessions meanwhile. */
  during<T>(req: Request, work: () => T): T {
    // An object that only stands for a request has no headers.
    if (!this.settings.audit || !req.headers) return work();
    if (!this.addresses.has(req)) this.addresses.set(req, addressOf(req));
    return this.trail.during(() => auditedRequest(req, this.addresses.get(req)), work);
  }

  /** Returns hooks that do the work of the request whose session they get. */
  over(hooks: StoreHooks): StoreHooks {
    if (!this.settings.audit) return hooks;
    return {
      ...hooks,
      arrived: (session, fetched) => {
        hooks.arrived(session, fetched);
        aroundDestroy(session.req, (work) => this.during(session.req, work));
      },
      reloaded: (session) => this.during(session.req, () => hooks.reloaded(session)),
      saving: (session) => this.during(session.req, () => hooks.saving(session)),
      savingKept: (session, ...kept) => this.during(session.req, () => hooks.savingKept(session, ...kept)),
      regenerating: (session) => this.during(session.req, () => hooks.regenerating(session)),
    };
  }
}
