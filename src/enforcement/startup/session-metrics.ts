import { Injectable } from '@nestjs/common';
import type { LedgerObserver } from '../../ledger/layers/measured-ledger.js';
import { optionalPackage } from './optional-package.js';
import { SessionEvents } from '../timelines/events/session-events.js';

type Attributes = Record<string, string>;

/** The used part of an OpenTelemetry meter. Its own types may not be installed. */
interface Meter {
  createCounter(name: string, options: object): { add(value: number, attributes: Attributes): void };
  createHistogram(name: string, options: object): { record(value: number, attributes: Attributes): void };
}

interface OpenTelemetry {
  readonly metrics: { getMeter(name: string): Meter };
  createNoopMeter?(): Meter;
}

/**
 * Metrics for OpenTelemetry, if the application has `@opentelemetry/api`, and has set up a meter provider before. They
 * contain no session and no user.
 */
@Injectable()
export class SessionMetrics {
  private readonly meter = workingMeter(optionalPackage<OpenTelemetry>('@opentelemetry/api'));

  constructor(events: SessionEvents) {
    if (this.meter) this.count(events, this.meter);
  }

  /** Returns a function that records how long the ledger takes to answer; `undefined` without OpenTelemetry. */
  ledgerObserver(): LedgerObserver | undefined {
    const duration = this.meter?.createHistogram('session_timeout.ledger.duration', {
      description: 'How long the session ledger took to answer',
      unit: 's',
      advice: { explicitBucketBoundaries: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1] },
    });
    if (!duration) return undefined;
    return (operation, seconds, error) =>
      duration.record(seconds, { operation, ...(error instanceof Error ? { 'error.type': error.name } : {}) });
  }

  private count(events: SessionEvents, meter: Meter): void {
    const expired = meter.createCounter('session_timeout.expired', {
      description: 'Sessions that expired, by reason',
      unit: '{session}',
    });
    const wouldHaveExpired = meter.createCounter('session_timeout.would_have_expired', {
      description: "Sessions that would have expired if `mode` were not 'report', by reason",
      unit: '{session}',
    });
    const rejected = meter.createCounter('session_timeout.reports.rejected', {
      description: "Browsers' reports of activity that were rejected, by reason",
      unit: '{report}',
    });
    events.events$.subscribe(({ type, reason }) => {
      if (type === 'expired') expired.add(1, { reason });
      if (type === 'would-have-expired') wouldHaveExpired.add(1, { reason });
      if (type === 'report-rejected') rejected.add(1, { reason });
    });
  }
}

/**
 * Without a meter provider, OpenTelemetry gives out a meter that records nothing. Then nothing has to be measured, which
 * would take a part of each request.
 */
function workingMeter(api: OpenTelemetry | undefined): Meter | undefined {
  const meter = api?.metrics.getMeter('nestjs-session-timeout');
  const idle = api?.createNoopMeter?.();
  return meter?.constructor === idle?.constructor ? undefined : meter;
}
