import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Frame,
  type Page,
  type Request,
} from 'playwright-core';
import { stopApps } from '../../support/app.js';
import { findChromium } from './chromium.js';
import { OBSERVER, type Site } from './site.js';

/** How long a page waits for an answer, in milliseconds. */
const LIMIT = 10_000;
/** How long to wait for a script that a page loads, in real milliseconds. */
const PATIENCE = 1000;
/** By then, a page has asked for the first time, in milliseconds. */
const FIRST = 2000;

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let started: Promise<Browser> | undefined;

/** The browser of a spec file, started when the first test wants it. */
export function theBrowser(): Promise<Browser> {
  started ??= findChromium().then(({ executablePath, env }) =>
    chromium.launch({
      executablePath,
      env: { ...process.env, ...env } as Record<string, string>,
      chromiumSandbox: false,
      args: FLAGS,
      // What a person's browser does is what is tested.
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    }),
  );
  return started;
}

// What is left open goes on painting.
afterEach(async () => {
  const browser = await started;
  await Promise.all(browser?.contexts().map((context) => context.close()) ?? []);
});

afterAll(async () => {
  await (await started)?.close();
  await stopApps();
});

/** Somebody with a browser of their own. */
export interface Visitor {
  readonly context: BrowserContext;
  /** Opens a page of the site in another tab. */
  open(path?: string): Promise<Page>;
  /** How the server sees the session, without a word to it that counts. */
  status(): Promise<{ state: string; idleFor?: number; expiresIn?: number; reason?: string; session?: string }>;
  signIn(user: string): Promise<void>;
  /** Lets time pass for the server and in all tabs, and `each` be done every `step` milliseconds (default: two seconds). */
  pass(milliseconds: number, given?: { step?: number; each?: () => Promise<unknown> }): Promise<void>;
  /** Waits until all that is on its way between server and tabs has arrived. */
  settle(): Promise<void>;
  /** The server's and the tabs' clocks leap, as they do when everything sleeps; what is overdue happens once. */
  sleep(milliseconds: number): Promise<void>;
}

/** Somebody who has signed in. Their browser is closed after the test. */
export async function visit(site: Site, options: BrowserContextOptions & { user?: string } = {}): Promise<Visitor> {
  const { user = 'alice', ...contextOptions } = options;
  const context = await (await theBrowser()).newContext(contextOptions);
  await context.addInitScript(observe);
  if (!site.realTime) {
    await context.clock.install({ time: site.clock.now() });
    await context.clock.pauseAt(site.clock.now() + 1);
    await context.addInitScript(keepTimeline);
  }
  const signIn = async (name: string): Promise<void> => {
    await context.request.post(`${site.origin}/login`, { data: { user: name } });
  };
  const loading = loadingScripts(context);
  const settle = async (): Promise<void> => {
    // A tab whose page is frozen hears nothing.
    for (let deaf = 0; deaf < 50; deaf++) {
      const frames = context.pages().flatMap((page) => page.frames());
      const rests = await Promise.all(frames.map((frame) => frame.evaluate(rest).catch(() => restless(frame))));
      const underWay = rests.reduce((sum, { underWay }) => sum + underWay, loading());
      if (Math.max(site.open.size, underWay) > site.held.length) deaf = 0;
      else if (haveHeardEachOther(rests)) return;
    }
  };
  await signIn(user);
  return {
    context,
    signIn,
    settle,
    async open(path = '/page') {
      const page = await context.newPage();
      await page.goto(site.origin + path);
      if (!site.realTime) await settle();
      return page;
    },
    async pass(milliseconds, { step = 2000, each } = {}) {
      const passOnce = async (time: number, then?: () => Promise<unknown>) => {
        site.clock.advance(time);
        site.release();
        await context.clock.runFor(time);
        await then?.();
        await settle();
      };
      // A page asks soon after it was opened. In a long step, its clock could pass the time limit before the answer comes.
      const first = step > LIMIT ? Math.min(FIRST, milliseconds) : 0;
      if (first > 0) await passOnce(first);
      for (let passed = first; passed < milliseconds; passed += step) {
        await passOnce(Math.min(step, milliseconds - passed), each);
      }
    },
    async sleep(milliseconds) {
      site.clock.advance(milliseconds);
      site.release();
      await context.clock.fastForward(milliseconds);
      await settle();
    },
    async status() {
      return (await context.request.get(`${site.origin}/session/ping`, { headers: OBSERVER })).json();
    },
  };
}

/**
 * Counts the scripts that pages are loading, such as the parts of the client. One that has come is about to run. One that
 * a test holds back is not waited for.
 */
function loadingScripts(context: BrowserContext): () => number {
  const loading = new Set<Request>();
  const forget = (request: Request, after: number) => setTimeout(() => loading.delete(request), after).unref();
  context.on('request', (request) => {
    if (request.resourceType() !== 'script') return;
    loading.add(request);
    forget(request, PATIENCE);
  });
  context.on('requestfinished', (request) => forget(request, 10));
  context.on('requestfailed', (request) => forget(request, 10));
  return () => loading.size;
}

/**
 * In every page: its clocks can leap, it can be told that it is hidden (not every Chromium without a
 * window hides tabs), and it notes what is on its way.
 */
export function observe(): void {
  const page = window as unknown as PageTools;
  const real = {
    performance,
    now: performance.now.bind(performance),
    frame: requestAnimationFrame.bind(window),
    soon: setTimeout.bind(window) as typeof setTimeout,
  };
  page.real = real;
  let wall = 0;
  let monotonic = 0;
  page.leap = (wallBy, monotonicBy) => {
    if (wall === 0 && monotonic === 0) {
      const { now } = Date;
      Date.now = () => Math.floor(now() + wall);
      const { performance } = window;
      const before = performance.now.bind(performance);
      performance.now = () => before() + monotonic;
    }
    wall += wallBy;
    monotonic += monotonicBy;
  };

  // The entries of the performance timeline keep real time, and come when the browser gets round to it. Here
  // they tell what the clock that the page sees showed then: while it stands still, that is what it shows between
  // two steps.
  const steps: { real: number; seen: number }[] = [];
  const { get } = Object.getOwnPropertyDescriptor(PerformanceResourceTiming.prototype, 'requestStart') as {
    get(): number;
  };
  Object.defineProperty(PerformanceResourceTiming.prototype, 'requestStart', {
    get(this: PerformanceResourceTiming) {
      const start = get.call(this);
      const step = steps.findLast(({ real }) => real <= start) ?? steps[0];
      return step ? step.seen : start + performance.now() - real.now();
    },
  });

  // The native one knows only real time.
  AbortSignal.timeout = (milliseconds) => {
    const aborter = new AbortController();
    setTimeout(() => aborter.abort(new DOMException('Too late.', 'TimeoutError')), milliseconds);
    return aborter.signal;
  };

  page.setHidden = (hidden) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: hidden ? 'hidden' : 'visible' });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  };

  page.underWay = 0;
  const count = <T>(promise: Promise<T>): Promise<T> => {
    page.underWay++;
    const done = (): unknown => real.soon(() => page.underWay--, 2);
    promise.then(done, done);
    return promise;
  };
  const { fetch } = window;
  window.fetch = (...request) => count(fetch(...request));
  const { json } = Response.prototype;
  Response.prototype.json = function (this: Response) {
    return count(json.call(this));
  };
  const { locks } = navigator;
  if (locks) {
    const request = locks.request.bind(locks) as (...given: unknown[]) => Promise<unknown>;
    locks.request = ((name: string, options: LockOptions, work: (lock: Lock | null) => unknown) => {
      if (!options.ifAvailable) return count(request(name, options, work));
      return new Promise((resolve, reject) => {
        // On its way until it is known whether the lock is free; the work counts for itself.
        const told = count(
          new Promise<void>((tell) => {
            request(name, options, (lock: Lock | null) => (tell(), work(lock))).then(resolve, reject);
          }),
        );
        void told;
      });
    }) as never;
  }
  // Encryption runs beside the page. Plain http has none.
  const subtle = crypto.subtle as unknown as Record<string, (...given: unknown[]) => Promise<unknown>> | undefined;
  for (const name of subtle ? ['importKey', 'encrypt', 'decrypt'] : []) {
    const native = subtle![name]!.bind(subtle);
    subtle![name] = (...given) => count(native(...given));
  }
  // A page that is wiped is about to be left: it is not at rest before the next one is there.
  const open = Document.prototype.open as (this: Document) => Document;
  Document.prototype.open = function (this: Document) {
    page.underWay++;
    return open.call(this);
  } as never;
  // A message of another tab may have something begin a moment later.
  page.calm = async () => {
    if (performance !== real.performance) steps.push({ real: real.now(), seen: performance.now() });
    for (let calm = 0, tries = 0; calm < 2 && tries < 20; tries++) {
      await new Promise((resolve) => real.soon(resolve, 3));
      calm = page.underWay > 0 ? 0 : calm + 1;
    }
    return page.underWay;
  };
}

/** The clock of the tests leaves the performance timeline empty: pages get the real one back. */
function keepTimeline(): void {
  const { getEntriesByType } = Performance.prototype;
  const { real } = window as unknown as PageTools;
  performance.getEntriesByType = (type) => getEntriesByType.call(real.performance, type);
}

/** What {@link observe} puts on `window`. */
export interface PageTools {
  leap(wallBy: number, monotonicBy: number): void;
  setHidden(hidden: boolean): void;
  real: { performance: Performance; soon: typeof setTimeout; frame: typeof requestAnimationFrame };
  underWay: number;
  calm(): Promise<number>;
}

/** How a page is after a moment of calm. */
interface Rest {
  /** How much is on its way between this page and the server. */
  readonly underWay: number;
  /** What the page sees of the messages between tabs; absent if it has no storage. */
  readonly messages?: { readonly origin: string; readonly text: string };
}

async function rest(): Promise<Rest> {
  const underWay = await (window as unknown as PageTools).calm();
  try {
    const messages = Object.entries(localStorage).filter(([name]) => name.startsWith('session-timeout:'));
    return { underWay, messages: { origin: location.origin, text: JSON.stringify(messages) } };
  } catch {
    return { underWay };
  }
}

/** A frame can be taken out of its page meanwhile. A page that fails is on its way to the next one. */
function restless(frame: Frame): Rest {
  return { underWay: frame.parentFrame() ? 0 : Infinity };
}

/** Whether all pages of an origin see the same messages. Otherwise, one is on its way. */
function haveHeardEachOther(rests: readonly Rest[]): boolean {
  const seen = rests.flatMap(({ messages }) => messages ?? []);
  return seen.every(({ origin, text }) => seen.every((other) => other.origin !== origin || other.text === text));
}
