import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import supertest from 'supertest';
import ts from 'typescript';
import { eventually, freePort } from '../instances/support/binaries.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  types: ['node'],
};

/** The code blocks whose first line names a file, such as `// app.module.ts`, by the heading above them. */
function filesOf(page: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  for (const [, heading = '', text = ''] of page.matchAll(/^#{2,3} (.+)\n([\s\S]*?)(?=^#{2,3} |$(?![\s\S]))/gm)) {
    const blocks = [...text.matchAll(/^( *)```ts\n\1\/\/ (\S+\.ts)\n([\s\S]*?)^\1```$/gm)];
    const files = blocks.map(([, indent = '', name = '', code = '']) => {
      return [name, code.replaceAll(new RegExp(`^${indent}`, 'gm'), '')] as const;
    });
    if (files.length > 0) sections.set(heading, new Map(files));
  }
  return sections;
}

const sections = filesOf(await readFile(join(root, 'README.md'), 'utf8'));
const MINUTE = 60_000;
const running: ChildProcess[] = [];
let folder: string;

// Inside the package, so that imports of its own name resolve to the build.
beforeAll(async () => {
  folder = await mkdtemp(join(root, '.readme-'));
});

afterEach(async () => {
  for (const child of running.splice(0)) if (child.kill()) await once(child, 'exit');
});

afterAll(() => rm(folder, { recursive: true }));

const folderOf = (heading: string) => join(folder, heading.replaceAll(/\W/g, '-'));

/** Compiles the files of a section, and returns the errors of the compiler. */
async function compile(heading: string): Promise<string[]> {
  const own = folderOf(heading);
  const files = [...(sections.get(heading) as Map<string, string>)];
  await mkdir(own, { recursive: true });
  await Promise.all(files.map(([name, code]) => writeFile(join(own, name), code)));
  const program = ts.createProgram(
    files.map(([name]) => join(own, name)),
    options,
  );
  const problems = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  return problems.map(
    ({ messageText, file }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
}

/** Starts the compiled `main.ts` of a section, and returns a browser. */
async function start(heading: string): Promise<ReturnType<typeof supertest.agent>> {
  const PORT = String(await freePort());
  const main = join(folderOf(heading), 'main.js');
  running.push(spawn(process.execPath, [main], { env: { ...process.env, PORT }, stdio: 'ignore' }));
  const site = `http://127.0.0.1:${PORT}`;
  await eventually(() => fetch(`${site}/session/ping`), 20_000);
  return supertest.agent(site);
}

describe('the code of the README', () => {
  test('has complete programs in these sections', () => {
    expect([...sections.keys()]).toEqual(['Start', 'Passport', 'connect-redis']);
  });

  test.each([...sections.keys()])(
    'compiles: %s',
    async (heading) => expect(await compile(heading)).toEqual([]),
    MINUTE,
  );

  test(
    'starts an application',
    async () => {
      const browser = await start('Start');
      expect((await browser.get('/').expect(200)).text).toContain('Hello stranger');
      expect((await browser.get('/login').expect(200)).text).toContain('<form');
      await browser.post('/login').type('form').send({ name: 'alice' }).expect(302).expect('location', '/');
      expect((await browser.get('/').expect(200)).text).toContain('Hello again');
      expect((await browser.get('/session/ping').expect(200)).body).toMatchObject({
        state: 'active',
        idleTimeout: 15 * 60,
        loginUrl: '/login',
      });
      await browser.get('/session/client.js').expect(200);
      await browser.post('/session/end').set('x-session-client', '1').expect(204);
      expect((await browser.get('/').expect(200)).text).toContain('Hello stranger');
    },
    MINUTE,
  );

  test(
    'starts an application with passport',
    async () => {
      const browser = await start('Passport');
      await browser.get('/me').expect(200, { id: null });
      await browser.post('/login').send({ username: 'alice', password: 'secret' }).expect(201);
      await browser.get('/me').expect(200, { id: 'alice' });
      expect((await browser.get('/session/ping').expect(200)).body).toMatchObject({ state: 'active' });
      await browser.post('/logout').expect(201);
      expect((await browser.get('/session/ping').expect(200)).body).toMatchObject({ state: 'anonymous' });
    },
    MINUTE,
  );
});
