import { SECOND, until } from '../../browser/support/page.js';
import type { Engine, Tab } from '../support/engine.js';
import { clickOn, look } from '../support/page.js';
import { visit, type Visitor } from '../support/visitor.js';

const BODY = `<form id="letter">
    <input name="title"><input type="checkbox" name="urgent">
  </form>
  <form><input type="password" name="word"></form>
  <div id="free" contenteditable>free</div>`;

async function openForm(engine: Engine): Promise<Visitor> {
  const visitor = await visit(engine, {
    options: { drafts: { secret: 'a secret of the tests, and of nobody else' } },
    page: { body: BODY },
  });
  await visitor.pass(2 * SECOND, { step: SECOND });
  return visitor;
}

const typeInto = async (tab: Tab, selector: string, text: string): Promise<void> => {
  await clickOn(tab, selector);
  await tab.type(text);
};

const kept = (tab: Tab): Promise<number> =>
  tab.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith('session-draft:')).length);

const everythingStored = (tab: Tab): Promise<string> =>
  tab.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]));

const contents = (tab: Tab): Promise<unknown[]> =>
  tab.evaluate(() => {
    const [title, urgent, word] = ['title', 'urgent', 'word'].map((name) =>
      document.querySelector<HTMLInputElement>(`[name=${name}]`)!,
    );
    return [title!.value, urgent!.checked, word!.value, document.getElementById('free')!.textContent];
  });

const sleep = (tab: Tab, milliseconds: number): Promise<unknown> =>
  tab.evaluate((milliseconds) => new Promise((resolve) => setTimeout(() => resolve(1), milliseconds)), milliseconds);

/** Types, and waits until it is kept. */
async function write({ tab, pass }: Visitor): Promise<void> {
  await typeInto(tab, '[name=title]', 'Pilot');
  await clickOn(tab, '[name=urgent]');
  await typeInto(tab, '[name=word]', 'geheim');
  await typeInto(tab, '#free', 'X');
  await pass(SECOND, { step: 250 });
  await until(async () => {
    await pass(250, { step: 250 });
    return (await kept(tab)) === 2;
  });
  await pass(SECOND, { step: 250 });
}

async function timeOut({ tab, pass }: Visitor): Promise<void> {
  await pass(62 * SECOND);
  await until(async () => (await look(tab).catch(() => undefined)) === 'login idle');
}

async function comeBack({ site, tab, pass, settle, signIn }: Visitor, user = 'alice'): Promise<void> {
  await signIn(user);
  await tab.goto(`${site.origin}/page`);
  await settle();
  await pass(3 * SECOND, { step: 500 });
}

/** What was typed and not sent. */
export function drafts(engine: Engine): void {
  test('are filled in again after a timeout, without passwords, and cannot be read meanwhile', async () => {
    const visitor = await openForm(engine);
    const { tab } = visitor;
    await write(visitor);
    const [, , , free] = await contents(tab);
    await timeOut(visitor);
    expect(await everythingStored(tab)).not.toMatch(/Pilot|geheim|title|Xfree|freeX/);
    await comeBack(visitor);
    expect(await contents(tab)).toEqual(['Pilot', true, '', free]);
    const notice = await tab.evaluate(() => document.querySelector('html > div [role=status]')!.textContent);
    expect(notice).toBe('What you had typed is back.');
  });

  test('are nothing for another user, and are gone then', async () => {
    const visitor = await openForm(engine);
    await write(visitor);
    await timeOut(visitor);
    await comeBack(visitor, 'bob');
    expect(await contents(visitor.tab)).toEqual(['', false, '', 'free']);
    expect(await kept(visitor.tab)).toBe(0);
  });

  test('are gone after a sign-out', async () => {
    const visitor = await openForm(engine);
    await write(visitor);
    // The page may be gone before it can answer.
    await visitor.tab
      .evaluate(() => (window as unknown as { sessionTimeout: { signOut(): void } }).sessionTimeout.signOut())
      .catch(() => undefined);
    await until(async () => (await look(visitor.tab).catch(() => undefined)) === 'login signed-out');
    expect(await kept(visitor.tab)).toBe(0);
    await comeBack(visitor);
    expect(await contents(visitor.tab)).toEqual(['', false, '', 'free']);
  });

  test('are there again after the tab was closed', async () => {
    const visitor = await openForm(engine);
    await write(visitor);
    const other = await visitor.open('/public');
    await visitor.tab.close();
    await other.goto(`${visitor.site.origin}/page`);
    await visitor.settle();
    await visitor.pass(3 * SECOND, { step: 500 });
    expect((await contents(other))[0]).toBe('Pilot');
  });

  test.each([
    ['the browser has sent are gone', '', 0],
    [
      'a script has sent are gone',
      "event.preventDefault(); fetch('/note', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });",
      0,
    ],
    ['was not sent, as it is not valid, are kept', 'event.preventDefault();', 1],
  ])('of a form that %s', async (_what, script, left) => {
    const { tab } = await visit(engine, {
      realTime: true,
      options: { idleTimeout: '1h', warnBefore: '1m', drafts: { secret: 'a secret of the tests, and of nobody else' } },
      page: {
        body: `<form id="letter" action="/page"><input name="title"><button>Send</button></form>
          <script>letter.onsubmit = (event) => { ${script} };</script>`,
      },
    });
    await typeInto(tab, '[name=title]', 'Pilot');
    await until(async () => (await kept(tab)) === 1);
    // The newest content is written a little later.
    await sleep(tab, 700);
    await clickOn(tab, 'button', 'Send');
    if (left > 0) await sleep(tab, 2000);
    await until(async () => (await kept(tab).catch(() => undefined)) === left);
  });
}
