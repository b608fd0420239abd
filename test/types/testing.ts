// The tools for tests of applications and ledgers.
import { type ActivityLedger, type Clock, SessionTimeoutModule } from 'nestjs-session-timeout';
import { ledgerConformance, type LedgerSubject, ManualClock } from 'nestjs-session-timeout/testing';
import { some } from './support.js';

const clock = new ManualClock(new Date('2030-01-01'));
clock satisfies Clock;
clock.advance(60_000);
SessionTimeoutModule.forRoot({ clock });
// @ts-expect-error: durations of a clock are milliseconds
clock.advance('1m');
// @ts-expect-error: Date itself is no clock of an application
SessionTimeoutModule.forRoot({ clock: 0 });

const ledger = some<ActivityLedger>();
for (const { name, needs, check } of ledgerConformance) {
  name satisfies string;
  needs satisfies 'users' | undefined;
  check({ ledger, pass: (milliseconds) => clock.advance(milliseconds) }) satisfies Promise<'passed' | 'skipped'>;
}
// @ts-expect-error: a check needs a ledger
({ pass: () => undefined }) satisfies LedgerSubject;
