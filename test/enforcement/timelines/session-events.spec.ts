import { ConsoleLogger } from '@nestjs/common';
import { config, filter, map, type Observable, type Subscription, take } from 'rxjs';
import type { SessionEvent } from '../../../src/index.js';
import { MINUTE, startApp, stopApps } from '../../support/app.js';
import { SharedLedger } from '../../support/shared-ledger.js';

afterEach(stopApps);

/** Keeps what Nest would print, at the levels it was asked for. */
class Printed extends ConsoleLogger {
  readonly lines: { level: string; message: string }[] = [];

  protected override printMessages(messages: unknown[], _context?: string, level = 'log'): void {
    this.lines.push(...messages.map((message) => ({ level, message: String(message) })));
  }
}

/** Signs in, lets the session expire, and asks for it again and again. */
async function expire(logger: Printed) {
  const { signedIn, events, clock } = await startApp({ logger });
  const browser = await signedIn();
  const { headers } = await browser.get('/me').expect(200);
  clock.advance(15 * MINUTE);
  await Promise.all([browser.get('/me').expect(401), browser.get('/feed').expect(401)]);
  await browser.get('/session/ping').expect(200);
  const { session } = events.find(({ type }) => type === 'expired') as { session: string };
  return { session, headers };
}

const about = (logger: Printed) => logger.lines.filter(({ message }) => message.includes('expired'));

describe('the log', () => {
  test('has one line for an expired session, however many requests come', async () => {
    const logger = new Printed();
    const { session } = await expire(logger);
    expect(about(logger)).toEqual([{ level: 'log', message: `Session ${session} expired (idle)` }]);
    expect(session).toMatch(/^[\w-]{43}$/);
  });

  test('has no such line at higher log levels', async () => {
    const logger = new Printed({ logLevels: ['warn', 'error'] });
    await expire(logger);
    expect(about(logger)).toEqual([]);
  });

  test('has no such line for a sign-out', async () => {
    const logger = new Printed();
    const { signedIn } = await startApp({ logger });
    const browser = await signedIn();
    await browser.post('/logout').expect(201);
    expect(about(logger)).toEqual([]);
  });

  test('has a line for a session whose record is gone', async () => {
    const logger = new Printed();
    class EmptyAfterRestart extends SharedLedger {
      forget = false;
      override read(key: string) {
        return this.forget ? undefined : super.read(key);
      }
    }
    const ledger = new EmptyAfterRestart();
    const { signedIn } = await startApp({ logger, options: { ledger } });
    const browser = await signedIn();
    ledger.forget = true;
    await browser.get('/me').expect(401);
    expect(about(logger)).toEqual([
      { level: 'log', message: expect.stringMatching(/^Session [\w-]{43} expired \(lost\)$/) },
    ]);
  });
});

describe('a subscriber of events$ that fails', () => {
  const fail = () => {
    throw new Error('a bug of the application');
  };

  test.each<[string, (events: Observable<SessionEvent>) => Subscription]>([
    ['as a function', (events) => events.subscribe(fail)],
    ['as an observer', (events) => events.subscribe({ next: fail })],
    ['behind operators', (events) => events.pipe(filter(Boolean), map(String)).subscribe(fail)],
    ['as an async function', (events) => events.subscribe(async () => fail())],
  ])('%s harms nobody, and is logged', async (_how, subscribe) => {
    const logger = new Printed();
    const thrown: unknown[] = [];
    config.onUnhandledError = (error) => thrown.push(error);
    const { service, signedIn, events, clock } = await startApp({ logger });
    subscribe(service.events$);
    const after: string[] = [];
    service.events$.subscribe(({ type }) => after.push(type));
    const browser = await signedIn();
    clock.advance(15 * MINUTE);
    await browser.get('/me').expect(401);
    await new Promise((resolve) => setTimeout(resolve, 0));
    config.onUnhandledError = null;
    expect(thrown).toEqual([]);
    expect(after).toEqual(['started', 'expired']);
    expect(events).toHaveLength(2);
    expect(logger.lines.filter(({ message }) => message.includes('subscriber'))).toHaveLength(2);
  });
});

describe('an operator on events$ that fails', () => {
  const fail = () => {
    throw new Error('a bug of the application');
  };

  test.each<[string, (events: Observable<SessionEvent>) => Subscription]>([
    ['without a subscriber', (events) => events.pipe(map(fail)).subscribe()],
    ['with a function', (events) => events.pipe(map(fail)).subscribe(() => {})],
    ['with an observer', (events) => events.pipe(filter(fail)).subscribe({ next: () => {} })],
    ['with an observer that fails, too', (events) => events.pipe(map(fail)).subscribe({ error: fail })],
    ['with functions that fail, too', (events) => events.pipe(map(fail)).subscribe(null, fail)],
  ])('%s ends its subscription, harms nobody, and is logged', async (_how, subscribe) => {
    const logger = new Printed();
    const thrown: unknown[] = [];
    config.onUnhandledError = (error) => thrown.push(error);
    const { service, signedIn } = await startApp({ logger });
    const subscription = subscribe(service.events$);
    await signedIn();
    await new Promise((resolve) => setTimeout(resolve, 0));
    config.onUnhandledError = null;
    expect(thrown).toEqual([]);
    expect(subscription.closed).toBe(true);
    expect(logger.lines.filter(({ message }) => message.includes('subscriber'))).toHaveLength(1);
  });
});

test('an observer of a class gets the errors of operators, and the end', async () => {
  class Journal {
    readonly lines: string[] = [];
    next = (event: string) => this.lines.push(event);
    error(error: Error) {
      this.lines.push(error.message);
    }
    complete() {
      this.lines.push('complete');
    }
  }
  const [failing, taking] = [new Journal(), new Journal()];
  const { service, signedIn } = await startApp();
  const fail = (): string => {
    throw new Error('a bug of the application');
  };
  service.events$.pipe(map(fail)).subscribe(failing);
  service.events$
    .pipe(
      map(({ type }) => type),
      take(1),
    )
    .subscribe(taking);
  await signedIn();
  expect(failing.lines).toEqual(['a bug of the application']);
  expect(taking.lines).toEqual(['started', 'complete']);
});
