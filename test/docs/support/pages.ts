import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package, with a slash at the end. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A block of code. */
export interface Block {
  readonly language: string;
  readonly code: string;
  /** The file that the first line names, such as `src/main.ts` in `// src/main.ts`. */
  readonly file: string | undefined;
}

/** A page in Markdown. */
export interface Page {
  /** Its path in the package. */
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

const documents = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' })
  .map((name) => posix.join('docs', name.replaceAll('\\', '/')))
  .filter((name) => name.endsWith('.md'))
  .toSorted();

/** The README, and every page of the manual. */
export const pages: readonly Page[] = ['README.md', ...documents].map((name) => {
  const text = readFileSync(root + name, 'utf8');
  return { name, text, blocks: blocksOf(text) };
});

/** @throws Error if there is no such page */
export function page(name: string): Page {
  const found = pages.find((one) => one.name === name);
  if (!found) throw new Error(`There is no page ${name}.`);
  return found;
}

/** What is below a heading of the second level, without the next such heading. */
export function chapter({ name, text }: Page, heading: string): string {
  const [, after] = text.split(`\n## ${heading}\n`);
  if (after === undefined) throw new Error(`${name} has no heading "${heading}".`);
  return after.split('\n## ')[0] as string;
}

/** The cells of the rows of all tables in a text, without those of their heads. */
export function tableRows(text: string): string[][] {
  const lines = text.split('\n');
  const isRule = (line: string | undefined) => /^\| ?-/.test(line ?? '');
  return lines
    .filter((line, i) => line.startsWith('|') && !isRule(line) && !isRule(lines[i + 1]))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

/** The first code in a cell, such as the name of an option. */
export function codeIn(cell: string | undefined): string | undefined {
  return /`([^`]+)`/.exec(cell ?? '')?.[1];
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^( *)```(\w+)\n([\s\S]*?)^\1```$/gm)].map(
    ([, indent = '', language = '', indented = '']) => {
      const code = indented.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
      return { language, code, file: /^\/\/ (\S+\.tsx?)\n/.exec(code)?.[1] };
    },
  );
}
