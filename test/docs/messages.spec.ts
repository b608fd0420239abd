import { readdirSync, readFileSync } from 'node:fs';
import { ENGLISH } from '../../src/client/ui/strings.js';
import { reasonTraits } from '../../src/policy/reason.js';
import { chapter, codeIn, page, root, tableRows } from './support/pages.js';

const sources = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(`${root}src/${name}`, 'utf8'))
  .join('')
  // Long messages are concatenated from several strings.
  .replaceAll(/['`] \+\s+['`]/g, '');

test.each(['Errors', 'Warnings'])('%s are quoted exactly as in the code', (heading) => {
  const quoted = tableRows(chapter(page('docs/messages.md'), heading)).map(([message]) => codeIn(message) ?? '');
  expect(quoted.length).toBeGreaterThan(10);
  expect(quoted.filter((message) => message === '' || !sources.includes(message))).toEqual([]);
});

test('the page about the browser has the texts of the client', () => {
  const rows = tableRows(chapter(page('docs/browser.md'), 'Texts'));
  expect(rows.map(([key]) => codeIn(key))).toEqual(Object.keys(ENGLISH));
  for (const [key, text] of rows) expect(text).toContain(ENGLISH[codeIn(key) as keyof typeof ENGLISH]);
});

test('the page about the browser has all attributes of the script tag', () => {
  const script = readFileSync(`${root}src/client/script-options.ts`, 'utf8');
  const names = new Set([...script.matchAll(/'(\w+)'/g)].map((match) => match[1] as string));
  for (const other of ['off', 'script']) names.delete(other);
  const attributes = [...names].map((name) => `data-${name.replaceAll(/[A-Z]/g, (x) => `-${x.toLowerCase()}`)}`);
  const rows = tableRows(chapter(page('docs/browser.md'), 'With the script tag'));
  expect(rows.map(([cell]) => codeIn(cell)?.split('=')[0]).toSorted()).toEqual(attributes.toSorted());
});

test('the page about how it works has all reasons', () => {
  const rows = tableRows(chapter(page('docs/how-it-works.md'), 'Why sessions end'));
  const events = Object.entries(reasonTraits).map(([reason, { isExpiry }]) => [reason, isExpiry ? 'expired' : 'ended']);
  expect(rows.map(([reason, , event]) => [codeIn(reason), codeIn(event)]).toSorted()).toEqual(events.toSorted());
});
