import type { ModuleMetadata } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { SessionOptions } from 'express-session';
import { type ActivityLedger, SessionTimeoutModule } from 'nestjs-session-timeout';
import { LastActivityGuard } from './last-activity.guard.js';

const MINUTE = 60 * 1000;

/** What a variant adds to an application with express-session. */
export interface Variant extends Pick<ModuleMetadata, 'imports' | 'providers'> {
  readonly session?: Partial<SessionOptions>;
}

/**
 * - `bare`: express-session alone
 * - `byHand`: a guard written by hand
 * - `rolling`: an idle limit with the means of express-session
 * - `ours`: this package
 */
export type VariantName = 'bare' | 'byHand' | 'rolling' | 'ours';

/** The compared variants. */
export const variants: Record<VariantName, (ledger?: ActivityLedger) => Variant> = {
  bare: () => ({}),
  byHand: () => ({ providers: [{ provide: APP_GUARD, useClass: LastActivityGuard }] }),
  rolling: () => ({ session: { rolling: true, cookie: { maxAge: 15 * MINUTE } } }),
  ours: (ledger) => ({
    imports: [
      SessionTimeoutModule.forRoot({
        idleTimeout: '15m',
        absoluteTimeout: '12h',
        identify: (session) => session.user,
        ledger,
        // A busy machine is not an outage.
        ledgerTimeout: '30s',
      }),
    ],
  }),
};
