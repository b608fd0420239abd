import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MemoryLedger, SessionTimeoutModule, SessionTimeoutService } from '../../src/index.js';
import { HOUR } from '../support/time.js';

@Injectable()
class Report {
  constructor(readonly sessions: SessionTimeoutService) {}
}

test('an application without HTTP starts, ends sessions by their hash, and closes', async () => {
  const ledger = new MemoryLedger();
  ledger.open('hash', { user: 'alice', keepFor: HOUR });
  @Module({ imports: [SessionTimeoutModule.forRoot({ ledger })], providers: [Report] })
  class WorkerModule {}

  const context = await NestFactory.createApplicationContext(WorkerModule, { logger: false, abortOnError: false });
  const { sessions } = context.get(Report);
  const events: unknown[] = [];
  sessions.events$.subscribe((event) => events.push(event));
  expect(await sessions.end('hash')).toBe(true);
  expect(await sessions.end('hash')).toBe(false);
  expect(events).toEqual([
    expect.objectContaining({ type: 'ended', session: 'hash', user: 'alice', reason: 'revoked' }),
  ]);
  await context.close();
});
