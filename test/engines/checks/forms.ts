import { AUTO } from '../../browser/support/html.js';
import { SECOND } from '../../browser/support/page.js';
import { REACT_APP, reactApp } from '../../browser/support/react-app.js';
import type { Engine, Tab } from '../support/engine.js';
import { clickOn } from '../support/page.js';
import { visit, type VisitOptions } from '../support/visitor.js';

const BODY = `<form id="letter"><input name="title" value="Draft"></form>
  <div id="free" contenteditable>free</div>
  <iframe srcdoc="&lt;body contenteditable&gt;text&lt;/body&gt;"></iframe>`;

/** A field that React controls: it makes what is typed the default. */
const REACT = `
  import { useState } from 'react';
  import { createRoot } from 'react-dom/client';
  function Field() {
    const [value, setValue] = useState('');
    return <input id="controlled" value={value} onChange={(event) => setValue(event.target.value)} />;
  }
  createRoot(document.body.appendChild(document.createElement('div'))).render(<Field />);
`;

async function reactPage(): Promise<VisitOptions> {
  return {
    page: { body: REACT_APP, script: AUTO },
    setup: await reactApp(REACT),
  };
}

/** Opens a page with fields, and waits until the part of the client that watches them is there. */
async function openForm(engine: Engine, given: VisitOptions) {
  const visitor = await visit(engine, given);
  await visitor.pass(2 * SECOND, { step: SECOND });
  return { ...visitor, asks: () => visitor.tab.asksBefore(`${visitor.site.origin}/public`) };
}

const typeInto =
  (selector: string, text = '!') =>
  async (tab: Tab): Promise<void> => {
    await clickOn(tab, selector);
    await tab.type(text);
  };

/** The question before something typed is lost. */
export function forms(engine: Engine): void {
  test.each<[string, (tab: Tab) => Promise<void>]>([
    ['a field', typeInto('[name=title]')],
    ['editable text', typeInto('#free')],
    ['an editor in a frame', typeInto('iframe')],
  ])('the browser asks before what was typed into %s is lost', async (_name, edit) => {
    const { tab, asks } = await openForm(engine, { page: { body: BODY } });
    await edit(tab);
    expect(await asks()).toBe(true);
  });

  test('also if React controls the field', async () => {
    const { tab, asks } = await openForm(engine, await reactPage());
    await typeInto('#controlled')(tab);
    expect(await asks()).toBe(true);
  });

  test.each<[string, (tab: Tab) => Promise<void>]>([
    ['nothing was typed', (tab) => clickOn(tab, '[name=title]')],
    [
      'what was typed was taken back',
      async (tab) => {
        await typeInto('[name=title]')(tab);
        await tab.press('Backspace');
      },
    ],
  ])('the browser does not ask if %s', async (_name, act) => {
    const { tab, asks } = await openForm(engine, { page: { body: BODY } });
    await act(tab);
    expect(await asks()).toBe(false);
  });
}
