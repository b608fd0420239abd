import { visit } from './support/browser.js';
import { look, SECOND } from './support/page.js';
import { openSite } from './support/site.js';

const STRICTEST =
  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'none'; base-uri 'none'; form-action 'self'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";

test('under the strictest policy it warns with its styles, stays and leaves without a violation', async () => {
  const site = await openSite({ headers: { 'Content-Security-Policy': STRICTEST } });
  const visitor = await visit(site);
  const complaints: string[] = [];
  await visitor.context.exposeFunction('complain', (text: string) => complaints.push(text));
  await visitor.context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, sourceFile }) => {
      (window as never as { complain(text: string): void }).complain(`${violatedDirective} ${sourceFile}`);
    });
  });
  const page = await visitor.open();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await visitor.pass(43 * SECOND, { step: SECOND });
  expect(await look(page)).toBe('warning');
  const stay = page.getByRole('button', { name: 'Stay signed in' });
  expect(await stay.evaluate((button) => getComputedStyle(button).minHeight)).toBe('44px');
  await stay.click();
  await visitor.pass(SECOND, { step: 250 });
  expect(await look(page)).toBe('page');
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  expect(await look(page)).toBe('cover');
  const background = await page
    .locator('dialog')
    .evaluate((cover) => getComputedStyle(cover, '::backdrop').backgroundColor);
  expect(background).not.toBe('rgba(0, 0, 0, 0.1)');
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await visitor.pass(62 * SECOND, { step: 2 * SECOND });
  expect(await look(page)).toBe('login idle');
  expect(complaints).toEqual([]);
});

test('the policy of the page is in force: it refuses an inline script', async () => {
  const site = await openSite({
    headers: { 'Content-Security-Policy': STRICTEST },
    page: { body: '<script>window.inline = true</script>' },
  });
  const visitor = await visit(site);
  const page = await visitor.open();
  expect(await page.evaluate(() => 'inline' in window)).toBe(false);
});
