import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { pages, root } from './support/pages.js';

/** The anchor that GitHub creates from a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

const withoutCode = (text: string) => text.replaceAll(/^( *)```\w+\n[\s\S]*?^\1```$/gm, '');

function anchorsOf(name: string): Set<string> {
  const text = withoutCode(readFileSync(root + name, 'utf8'));
  return new Set([...text.matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1] as string)));
}

/** The links of a page to other files of the package, and within itself. */
function linksOf({ name, text }: { name: string; text: string }) {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] as string);
  return links
    .filter((link) => !/^https?:/.test(link))
    .map((link) => {
      const [path = '', anchor] = link.split('#');
      return { link, target: path === '' ? name : posix.join(posix.dirname(name), path), anchor };
    });
}

test.each(pages)('$name has no broken links', (page) => {
  const broken = linksOf(page).filter(
    ({ target, anchor }) => !existsSync(root + target) || (anchor !== undefined && !anchorsOf(target).has(anchor)),
  );
  expect(broken.map(({ link }) => link)).toEqual([]);
});

test('every page can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const name of reached) {
    const page = pages.find((one) => one.name === name);
    for (const { target } of page ? linksOf(page) : []) reached.add(target);
  }
  expect(pages.map(({ name }) => name).filter((name) => !reached.has(name))).toEqual([]);
});

test('the README is short', () => {
  expect(pages[0]?.text.trimEnd().split('\n').length).toBeLessThanOrEqual(250);
});
