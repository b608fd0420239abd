import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIFFERENCES } from './differences.js';

const root = new URL('../../', import.meta.url).pathname;
const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name));
const pages = ['README.md', ...docs.filter((name) => name.endsWith('.md'))];
const text = pages.map((name) => readFileSync(join(root, name), 'utf8').replaceAll(/\s+/g, ' ')).join('\n');

test.each(DIFFERENCES.map(({ name, sentence }) => [name, sentence]))('the docs promise %s', (_name, sentence) => {
  expect(text).toContain(sentence);
});
