import { visit } from './support/browser.js';
import { look, SECOND } from './support/page.js';
import { REACT_APP, reactApp } from './support/react-app.js';
import { openSite } from './support/site.js';

/** The adapter, as the manual shows it, and an application that uses it. */
const SOURCE = `
  import { StrictMode, useSyncExternalStore } from 'react';
  import { createRoot } from 'react-dom/client';
  import { renderToString } from 'react-dom/server';
  import { startSessionTimeout, unknownSnapshot } from '/modules/client/index.js';

  const client = startSessionTimeout();
  const useSession = () => useSyncExternalStore(client.subscribe, client.snapshot, () => unknownSnapshot);

  let renders = 0;
  function Status() {
    const { state, expiresIn } = useSession();
    renders++;
    return <output data-renders={renders}>{state} {expiresIn === null ? '' : expiresIn / 1000}</output>;
  }

  document.body.dataset.server = renderToString(<Status />);
  renders = 0;
  const root = document.body.appendChild(document.createElement('div'));
  const mounted = createRoot(root);
  mounted.render(<StrictMode><Status /></StrictMode>);
  window.unmount = () => mounted.unmount();
`;

test('a React component shows the session, and renders only when it changes', async () => {
  const site = await openSite({
    page: { script: REACT_APP },
    setup: await reactApp(SOURCE),
  });
  const visitor = await visit(site);
  const page = await visitor.open();
  const output = page.locator('output');
  expect(await page.locator('body').getAttribute('data-server')).toContain('unknown');
  await visitor.pass(SECOND);
  expect(await output.textContent()).toBe('active 60');
  const renders = Number(await output.getAttribute('data-renders'));
  await visitor.pass(30 * SECOND, { step: 10 * SECOND });
  expect(Number(await output.getAttribute('data-renders'))).toBe(renders);
  await visitor.pass(11 * SECOND, { step: SECOND });
  expect(await output.textContent()).toMatch(/^warning 1[89]$/);
  await visitor.pass(5 * SECOND);
  expect(await output.textContent()).toMatch(/^warning 1[34]$/);
  expect(Number(await output.getAttribute('data-renders')) - renders).toBeLessThan(16);

  await page.evaluate(() => (window as never as { unmount(): void }).unmount());
  await visitor.pass(20 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('login idle');
});
