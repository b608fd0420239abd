import { existsSync } from 'node:fs';
import { eventually, findBinary, freePort } from '../../instances/support/binaries.js';
import { type Actions, clicking, moving, pressing, releasing, typing } from './actions.js';
import { asScript, type Engine, type Profile, type Tab } from './engine.js';
import { start as startProgram } from './program.js';

const MACHINE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const BROWSER = ['webkit2gtk-4.1', 'webkitgtk-6.0', 'webkit2gtk-4.0']
  .map((name) => `/usr/lib/${MACHINE}-linux-gnu/${name}/MiniBrowser`)
  .find((path) => existsSync(path));

/** Milliseconds that one thing may take. */
const LONGEST = 30_000;

/** Calls the driver, which speaks WebDriver, see https://w3c.github.io/webdriver/. */
type Call = <T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<T>;

/** It runs with one session, as starting one takes longer than most tests. */
interface Running extends ReturnType<typeof tabsOf> {
  stop(): Promise<void>;
}

let running: Promise<Running> | undefined;

async function start(): Promise<Running> {
  // The pointer rests in the middle, where no window is: none sees it move when it opens.
  const display = startProgram('Xvfb', ['-displayfd', '1', '-screen', '0', '2800x2000x24', '-nolisten', 'tcp']);
  const env = { DISPLAY: `:${await display.tells(/^(\d+)\n/)}`, LIBGL_ALWAYS_SOFTWARE: '1' };
  const port = await freePort();
  const driver = startProgram('WebKitWebDriver', [`--port=${port}`], env);

  async function call<T>(method: string, path: string, body: object = {}): Promise<T> {
    const json = JSON.stringify(body);
    const signal = AbortSignal.timeout(LONGEST);
    const sent = method === 'POST' ? { method, body: json, signal } : { method, signal };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, sent).catch((cause: unknown) => {
      throw new Error(`${method} ${path} was not answered: ${json}`, { cause });
    });
    const { value } = (await response.json()) as { value: unknown };
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`);
    return value as T;
  }

  // It does not say when it is ready.
  await eventually(() => call('GET', '/status'));
  const options = { binary: BROWSER, args: ['--automation'] };
  const timeouts = { script: 5000, pageLoad: 20_000 };
  const alwaysMatch = { browserName: 'MiniBrowser', timeouts, 'webkitgtk:browserOptions': options };
  const { sessionId } = await call<{ sessionId: string }>('POST', '/session', { capabilities: { alwaysMatch } });
  const session = `/session/${sessionId}`;
  return {
    ...tabsOf(call, session, await call('GET', `${session}/window`)),
    async stop() {
      await call('DELETE', session).catch(() => undefined);
      await driver.stop();
      await display.stop();
    },
  };
}

/** The tabs of a session, beside its first one, which stays open. The driver does one thing at a time, in the tab that it was led to last. */
function tabsOf(call: Call, session: string, home: string) {
  let shown: string | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** Does something in a tab once all before it is done. */
  function inTab<T>(handle: string | undefined, work: () => Promise<T>): Promise<T> {
    const done = last
      .catch(() => undefined)
      .then(async () => {
        if (handle && handle !== shown) await call('POST', `${session}/window`, { handle });
        shown = handle ?? shown;
        return work();
      });
    last = done;
    return done;
  }

  function tabOf(handle: string): Tab {
    const post = <T>(path: string, body?: object): Promise<T> =>
      inTab(handle, () => call<T>('POST', `${session}/${path}`, body));
    const act = async (actions: Actions): Promise<void> => void (await post('actions', { actions }));

    const tab: Tab = {
      async goto(url) {
        await post('url', { url });
      },
      async evaluate(work, ...given) {
        const script = `const done = arguments[0]; (${asScript(work, given)})().then(done, (error) => done('!' + error));`;
        const json = await post<string>('execute/async', { script, args: [] });
        if (json.startsWith('!')) throw new Error(json);
        return JSON.parse(json);
      },
      async press(key, meanwhile) {
        await act(pressing(key));
        await meanwhile?.();
        await act(releasing(key));
      },
      type: (text) => act(typing(text)),
      move: (x, y) => act(moving(x, y)),
      click: (x, y) => act(clicking(x, y)),
      async show() {
        await inTab(handle, () => Promise.resolve());
      },
      // This browser never asks while it is driven. The event is the same.
      asksBefore: () => tab.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true }))),
      screenshot: () => inTab(handle, () => call<string>('GET', `${session}/screenshot`)),
      async close() {
        await inTab(handle, () => call('DELETE', `${session}/window`));
        shown = undefined;
      },
    };
    return tab;
  }

  return {
    async newTab(): Promise<Tab> {
      const { handle } = await inTab(shown ?? home, () =>
        call<{ handle: string }>('POST', `${session}/window/new`, { type: 'window' }),
      );
      return tabOf(handle);
    },
    /** Closes the tabs, and forgets who was signed in. */
    async tidy(): Promise<void> {
      await inTab(undefined, async () => {
        for (const handle of await call<string[]>('GET', `${session}/window/handles`)) {
          if (handle === home) continue;
          await call('POST', `${session}/window`, { handle });
          await call('DELETE', `${session}/cookie`);
          await call('DELETE', `${session}/window`);
        }
        shown = undefined;
      });
    },
  };
}

/** WebKit, as WebKitGTK brings it. */
export const webkit: Engine = {
  name: 'WebKit',
  isInstalled: [BROWSER, findBinary('WebKitWebDriver'), findBinary('Xvfb')].every(Boolean),
  packages: 'webkit2gtk-driver xvfb',
  keepsPages: true,
  async open(): Promise<Profile> {
    running ??= start();
    const { newTab, tidy } = await running;
    return { newTab, close: () => tidy().catch(() => webkit.stop()) };
  },
  async stop() {
    const started = running;
    running = undefined;
    await (await started)?.stop();
  },
};
