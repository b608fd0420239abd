import { AUTO } from '../support/html.js';
import { SECOND } from '../support/page.js';
import { REACT_APP, reactApp } from '../support/react-app.js';
import { comeBack, openWith, timeOut } from './support/drafts.js';

/** Fields that React controls. The first render comes late, and the state is empty then. */
const REACT = `
  import { StrictMode, useState } from 'react';
  import { createRoot } from 'react-dom/client';
  function Letter() {
    const [text, setText] = useState('');
    const [size, setSize] = useState('s');
    const [urgent, setUrgent] = useState(false);
    return (
      <form id="letter">
        <textarea name="text" aria-label="Text" value={text} onChange={(event) => setText(event.target.value)} />
        <select name="size" aria-label="Size" value={size} onChange={(event) => setSize(event.target.value)}>
          <option>s</option><option>m</option><option>l</option>
        </select>
        <input type="checkbox" name="urgent" aria-label="Urgent" checked={urgent} onChange={(event) => setUrgent(event.target.checked)} />
        <output>{text}|{size}|{String(urgent)}</output>
      </form>
    );
  }
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  setTimeout(() => root.render(<StrictMode><Letter /></StrictMode>), 600);
`;

test('React has in its state what was filled in', async () => {
  const writer = await openWith(REACT_APP, {
    page: { script: AUTO },
    setup: await reactApp(REACT),
  });
  const { page, visitor } = writer;
  const output = page.locator('output');
  await page.getByLabel('Text').pressSequentially('Dear harbour master');
  await page.getByLabel('Size').press('ArrowDown');
  await page.getByLabel('Urgent').check();
  await visitor.pass(SECOND, { step: 250 });
  expect(await output.textContent()).toBe('Dear harbour master|m|true');
  await timeOut(writer);
  await comeBack(writer);
  expect(await output.textContent()).toBe('Dear harbour master|m|true');
  // A form of the application that is drawn anew gets its text again, too.
  await page.getByLabel('Text').pressSequentially('!');
  expect(await output.textContent()).toBe('Dear harbour master!|m|true');
});
