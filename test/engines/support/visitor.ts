import type { Request, Response } from 'express';
import { observe, type PageTools } from '../../browser/support/browser.js';
import { AUTO } from '../../browser/support/html.js';
import { SECOND, until } from '../../browser/support/page.js';
import { OBSERVER, openSite, type Site, type SiteOptions } from '../../browser/support/site.js';
import { type StandingClock, standStill } from './clock.js';
import { look } from './page.js';
import type { Engine, Profile, Tab } from './engine.js';

/** Somebody with a browser of their own, at a site of their own. */
export interface Visitor {
  readonly site: Site;
  /** The tab that was opened first. */
  readonly tab: Tab;
  /** Opens a page of the site in another tab. */
  open(path?: string): Promise<Tab>;
  /** Lets time pass for the server and in all tabs, and `each` be done every `step` milliseconds (default: two seconds). */
  pass(milliseconds: number, given?: { step?: number; each?: () => Promise<unknown> }): Promise<void>;
  /** Waits until all that is on its way between server and tabs has arrived. */
  settle(): Promise<void>;
  signIn(user: string): Promise<void>;
  /** How the server sees the session, without a word to it that counts. */
  status(): Promise<{ state: string; idleFor?: number; reason?: string }>;
}

export interface VisitOptions extends SiteOptions {
  /** Who signs in. Default: alice; `null`: nobody. */
  readonly user?: string | null;
  /** The page that is opened first. */
  readonly path?: string;
  /** What happens after the sign-in and before the page is opened. */
  readonly prepare?: (site: Site) => void;
}

const TOOLS_PATH = '/tools.js';
const NOT_STORED = { 'Cache-Control': 'no-store' };

/** The tag that lets a page follow the clock of the tests. */
export const TOOLS = `<script src="${TOOLS_PATH}"></script>`;

let profile: Profile | undefined;

afterEach(async () => {
  await profile?.close();
  profile = undefined;
});

/** Opens a page of a site in an engine. The browser is closed after the test. */
export async function visit(engine: Engine, given: VisitOptions = {}): Promise<Visitor> {
  const { user = 'alice', path = '/page', prepare, ...options } = given;
  const site = await openSite({
    ...options,
    page: { ...given.page, script: (given.realTime ? '' : TOOLS) + (given.page?.script ?? AUTO) },
    setup(app) {
      const tools = (): string => `(${observe})(); (${standStill})(${site.clock.now()}); (${noteErrors})();`;
      app.use(TOOLS_PATH, (_req: Request, res: Response) => void res.type('js').set(NOT_STORED).send(tools()));
      given.setup?.(app);
    },
  });
  const own = (profile = await engine.open());
  const tabs: Tab[] = [];

  async function newTab(): Promise<Tab> {
    const tab = await own.newTab();
    tabs.push(tab);
    const { close } = tab;
    return Object.assign(tab, {
      async close() {
        tabs.splice(tabs.indexOf(tab), 1);
        await close();
      },
    });
  }

  async function settle(): Promise<void> {
    await until(async () => {
      let underWay = site.open.size;
      for (const tab of tabs) underWay = Math.max(underWay, await tab.evaluate(countUnderWay).catch(() => Infinity));
      return underWay <= site.held.length;
    });
  }

  async function open(path = '/page'): Promise<Tab> {
    const tab = await newTab();
    await tab.goto(site.origin + path);
    if (!site.realTime) await settle();
    return tab;
  }

  async function signIn(name: string): Promise<void> {
    await tabs[0]!.evaluate(postLogin, name);
  }

  const tab = await newTab();
  await tab.goto(`${site.origin}/frame`);
  if (user) await signIn(user);
  prepare?.(site);
  await tab.goto(site.origin + path);
  if (!site.realTime) await settle();

  return {
    site,
    tab,
    open,
    settle,
    signIn,
    async pass(milliseconds, { step = 2 * SECOND, each } = {}) {
      for (let passed = 0; passed < milliseconds; passed += step) {
        site.clock.advance(Math.min(step, milliseconds - passed));
        site.release();
        for (const tab of tabs) await tab.evaluate(advance, site.clock.now()).catch(() => undefined);
        await each?.();
        await settle();
      }
    },
    status: () => tabs[0]!.evaluate(askStatus, OBSERVER),
  };
}

/** Opens a page on which the warning shows, with less than 20 seconds to go. A field had the focus. */
export async function warned(engine: Engine, given: VisitOptions = {}): Promise<Visitor> {
  const visitor = await visit(engine, given);
  await visitor.tab.evaluate(() => document.querySelector<HTMLInputElement>('[name=note]')!.focus());
  await visitor.pass(39 * SECOND, { step: 13 * SECOND });
  await visitor.pass(2 * SECOND, { step: 500 });
  await until(async () => (await look(visitor.tab)) === 'warning');
  return visitor;
}

/** Pages of the tests themselves have no tools. */
const countUnderWay = (): number | Promise<number> => (window as unknown as Partial<PageTools>).calm?.() ?? 0;

/** Lets the time of a page come to `time`, or tells it to the next one, if this page has no tools. */
function advance(time: number): void {
  const { advanceTo } = window as unknown as Partial<StandingClock>;
  if (advanceTo) advanceTo(time);
  else localStorage.setItem('tests:time', String(time));
}

async function postLogin(user: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  await fetch(`${location.origin}/login`, { method: 'POST', headers, body: JSON.stringify({ user }) });
}

async function askStatus(headers: Record<string, string>): Promise<{ state: string }> {
  return (await fetch(`${location.origin}/session/ping`, { headers })).json();
}

/** Runs in a page: keeps what the console is told of errors. */
function noteErrors(): void {
  const errors: string[] = [];
  Object.assign(window, { errors });
  const { error } = console;
  console.error = (...told: unknown[]) => {
    errors.push(told.join(' '));
    error(...told);
  };
}
