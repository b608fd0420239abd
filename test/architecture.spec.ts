import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { sessionReads } from './support/session-reads.js';

const root = new URL('../src/', import.meta.url).pathname;
const entries = readdirSync(root, { recursive: true, encoding: 'utf8', withFileTypes: true });
const files = entries
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map(({ parentPath, name }) => join(parentPath, name));
const source = files.map((path) => ({ name: path.slice(root.length), text: readFileSync(path, 'utf8') }));

const readsIn = (text: string) => sessionReads(ts.createSourceFile('some.ts', text, ts.ScriptTarget.Latest, true));

describe('the border to express-session', () => {
  test('is the only code that touches the session of a request, its id, its store or its user', () => {
    const outside = source.filter(({ name }) => !name.startsWith('express-session/'));
    const reads = outside.flatMap(({ name, text }) => readsIn(text).map((read) => `${name}:${read}`));
    expect(reads).toEqual([]);
  });

  test('is itself found by this check', () => {
    const inside = source.filter(({ name }) => name.startsWith('express-session/'));
    const reads = inside.flatMap(({ text }) => readsIn(text)).join('\n');
    for (const name of ['session', 'sessionID', 'sessionStore']) expect(reads).toMatch(`.${name}`);
  });

  test.each([
    'req.session.user',
    'request?.session',
    'this.req.sessionID',
    'state.req!.sessionStore',
    "req['session']",
    '`${req.session.id}`',
    '(req as { user?: unknown }).user',
    'delete (req as Partial<Request>).session',
    'const { session } = req;',
    'const { sessionID: id } = this.req as Request;',
    'const { req: { user } } = state;',
    '({ session } = request);',
    'const id = ({ sessionID }: Request) => sessionID;',
    "'session' in req",
  ])('would be crossed by %s', (code) => {
    expect(readsIn(code)).toHaveLength(1);
  });

  test.each([
    'state.session',
    'const { session, http } = state;',
    'const { req, session } = state;',
    'const { session } = knownState(req);',
    'record.user',
    "'call req.session.regenerate()'",
    '/* req.session */ // req.user',
    "type Session = Request['session'];",
  ])('is not crossed by %s', (code) => {
    expect(readsIn(code)).toEqual([]);
  });
});

describe('the source', () => {
  const lengths = source.map(({ name, text }) => ({ name, lines: text.trimEnd().split('\n').length }));

  test('has no file above 250 lines', () => {
    expect(lengths.filter(({ lines }) => lines > 250)).toEqual([]);
  });

  test('has more than half of its files under 60 lines', () => {
    const sorted = lengths.map(({ lines }) => lines).toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(60);
  });

  test('has at most 17 entries in each folder', () => {
    const counts = new Map<string, number>();
    for (const { parentPath } of entries) counts.set(parentPath, (counts.get(parentPath) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > 17)).toEqual([]);
  });
});
