import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinary } from '../../instances/support/binaries.js';
import { type Actions, clicking, moving, pressing, releasing, typing } from './actions.js';
import { type Bidi, connect } from './bidi.js';
import { asScript, type Engine, type Profile, type Tab } from './engine.js';
import { start as startProgram } from './program.js';

const FIREFOX = process.env['FIREFOX_PATH'] || findBinary('firefox-esr') || findBinary('firefox');

const PREFERENCES = {
  // Tabs in the background have to keep up with the clock of the tests.
  'dom.min_background_timeout_value': 4,
  'dom.min_background_timeout_value_without_budget_throttling': 4,
  'dom.timeout.enable_budget_timer_throttling': false,
};

interface Running {
  readonly bidi: Bidi;
  stop(): Promise<void>;
}

/** Milliseconds between two questions for the result of what runs in a page. */
const POLL = 5;

let evaluations = 0;

/** The tab in front. */
let shown: string | undefined;
let running: Promise<Running> | undefined;

async function start(): Promise<Running> {
  const profile = await mkdtemp(join(tmpdir(), 'firefox-'));
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${value});`);
  await writeFile(join(profile, 'user.js'), lines.join('\n'));
  const options = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0'];
  const program = startProgram(FIREFOX ?? 'firefox', options);
  const bidi = await connect(`${await program.tells(/WebDriver BiDi listening on (ws:\S+)/)}/session`);
  // The tests answer what the browser asks.
  const unhandledPromptBehavior = { default: 'ignore', beforeUnload: 'ignore' };
  await bidi.send('session.new', { capabilities: { alwaysMatch: { unhandledPromptBehavior } } });
  await bidi.send('session.subscribe', { events: ['browsingContext.userPromptOpened'] });
  return {
    bidi,
    async stop() {
      bidi.close();
      await program.stop();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function tabOf({ send, on }: Bidi, context: string): Tab {
  async function show(): Promise<void> {
    if (shown === context) return;
    await send('browsingContext.activate', { context });
    shown = context;
  }

  async function act(actions: Actions): Promise<void> {
    await show();
    await send('input.performActions', { context, actions });
  }

  /** Calls a function in the page that returns at once. */
  async function call<T>(functionDeclaration: string): Promise<T> {
    const { result, exceptionDetails } = await send<{
      result?: { value: T };
      exceptionDetails?: { text: string };
    }>('script.callFunction', { functionDeclaration, awaitPromise: false, target: { context } });
    if (!result) throw new Error(exceptionDetails?.text);
    return result.value;
  }

  const tab: Tab = {
    async goto(url) {
      await send('browsingContext.navigate', { context, url, wait: 'complete' });
    },
    // A command that waits for a promise is never answered if the browser keeps the page for Back meanwhile.
    async evaluate(work, ...given) {
      const name = `tests:outcome ${++evaluations}`;
      await call(`() => {
        const outcome = (window['${name}'] = {});
        (${asScript(work, given)})().then((json) => (outcome.json = json), (error) => (outcome.error = String(error)));
      }`);
      for (;;) {
        const asked = await call<string>(`() => JSON.stringify(window['${name}'] ?? { error: 'The page was left.' })`);
        const { json, error } = JSON.parse(asked) as { json?: string; error?: string };
        if (error) throw new Error(error);
        if (json) return JSON.parse(json);
        await new Promise((resolve) => setTimeout(resolve, POLL));
      }
    },
    async press(key, meanwhile) {
      await act(pressing(key));
      await meanwhile?.();
      await act(releasing(key));
    },
    type: (text) => act(typing(text)),
    move: (x, y) => act(moving(x, y)),
    click: (x, y) => act(clicking(x, y)),
    show,
    async asksBefore(url) {
      const asked = new Promise<boolean>((resolve) => {
        const unlisten = on('browsingContext.userPromptOpened', (prompt) => {
          if (prompt['context'] !== context) return;
          unlisten();
          resolve(prompt['type'] === 'beforeunload');
        });
      });
      const left = send('browsingContext.navigate', { context, url, wait: 'complete' }).then(
        () => false,
        () => asked,
      );
      const asks = await Promise.race([asked, left]);
      if (asks) await send('browsingContext.handleUserPrompt', { context, accept: false });
      await left;
      return asks;
    },
    async screenshot() {
      return (await send<{ data: string }>('browsingContext.captureScreenshot', { context })).data;
    },
    async close() {
      await send('browsingContext.close', { context });
    },
  };
  return tab;
}

/** Firefox, over WebDriver BiDi. */
export const firefox: Engine = {
  name: 'Firefox',
  isInstalled: FIREFOX !== undefined,
  packages: 'firefox-esr',
  keepsPages: true,
  async open(): Promise<Profile> {
    running ??= start();
    const { bidi } = await running;
    const { userContext } = await bidi.send('browser.createUserContext');
    return {
      async newTab() {
        const { context } = await bidi.send<{ context: string }>('browsingContext.create', {
          type: 'tab',
          userContext,
        });
        shown = context;
        return tabOf(bidi, context);
      },
      async close() {
        await bidi.send('browser.removeUserContext', { userContext });
      },
    };
  },
  async stop() {
    await (await running)?.stop();
  },
};
