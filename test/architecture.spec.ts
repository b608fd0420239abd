import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../src/', import.meta.url).pathname;
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const source = new Map(files.map((name) => [name, readFileSync(join(root, name), 'utf8')]));

describe('the house', () => {
  test('only the border to express-session touches the session on a request', () => {
    const outside = [...source].filter(([name]) => !name.startsWith('express-session/'));
    const code = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|`[^`]*`/g, '');
    expect(
      outside
        .filter(([, text]) => /req\.session(?!ID)\b|\bsession\b[^{}]*\}\s*=\s*req\b/.test(code(text)))
        .map(([name]) => name),
    ).toEqual([]);
  });

  test('files are small', () => {
    const lengths = [...source].map(([name, text]) => ({ name, lines: text.split('\n').length }));
    expect(lengths.filter(({ lines }) => lines > 260)).toEqual([]);
    const sorted = lengths.map(({ lines }) => lines).toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(60);
  });
});
