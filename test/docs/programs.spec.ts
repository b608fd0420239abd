import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import supertest from 'supertest';
import jestConfig from '../../jest.config.js';
import { eventually, freePort, sleep } from '../instances/support/binaries.js';
import { anyPostgres, describeWithPostgres, poolOn } from '../instances/support/postgres-server.js';
import { ledgerConformance } from '../../src/testing/index.js';
import { compile } from './support/compiler.js';
import { page, pages, root } from './support/pages.js';
import { installBuild, readersProject } from './support/project.js';

const run = promisify(execFile);

/** The pages with files that belong together. */
const programs = pages.map(({ name }) => name).filter((name) => filesOf(name).size > 0);
/** The project in which the README begins. */
const NEW_PROJECT = `${root}node_modules/@nestjs/schematics/dist/lib/application/files/ts-esm/src`;
const PLATFORM = `${root}test/docs/support/types/not-installed.d.ts`;

const running: ChildProcess[] = [];
let folder: string;
let problems: string[];

beforeAll(async () => {
  folder = await readersProject('.programs-');
  const files = await Promise.all(programs.map((name) => write(name, folderOf(name))));
  problems = compile([PLATFORM, ...files.flat()]);
});

afterEach(async () => {
  for (const child of running.splice(0)) if (child.kill()) await once(child, 'exit');
});

afterAll(() => rm(folder, { recursive: true }));

/** The files on a page: the blocks whose first line names one. */
function filesOf(name: string): Map<string, string> {
  return new Map(page(name).blocks.flatMap(({ file, code }) => (file === undefined ? [] : [[file, code] as const])));
}

/** Writes the files of a page into a folder of its own. Returns their paths. */
async function write(name: string, own: string, change = (code: string) => code): Promise<string[]> {
  const files = [...filesOf(name)];
  for (const [file, code] of files) {
    await mkdir(dirname(join(own, file)), { recursive: true });
    await writeFile(join(own, file), change(code));
  }
  if (name === 'README.md') {
    for (const file of ['app.controller.ts', 'app.service.ts']) {
      await cp(join(NEW_PROJECT, file), join(own, 'src', file));
    }
  }
  return files.map(([file]) => join(own, file));
}

const folderOf = (name: string) => join(folder, name.replaceAll(/\W/g, '-'));

/** Starts a program, and returns a browser. */
async function start(main: string, variables = {}): Promise<ReturnType<typeof supertest.agent>> {
  const PORT = String(await freePort());
  running.push(spawn(process.execPath, [main], { env: { ...process.env, ...variables, PORT }, stdio: 'ignore' }));
  const site = `http://127.0.0.1:${PORT}`;
  await eventually(() => fetch(`${site}/session/ping`), 20_000);
  return supertest.agent(site);
}

/** Does what the README says that its application does. */
async function tryTheStart(browser: ReturnType<typeof supertest.agent>): Promise<void> {
  expect((await browser.get('/account').expect(200)).text).toContain('Sign in');
  expect((await browser.get('/login').expect(200)).text).toContain('action="/login?returnTo=%2Faccount"');
  await browser.post('/login').type('form').send({ name: 'alice' }).expect(302).expect('location', '/account');
  expect((await browser.get('/account').expect(200)).text).toContain('You are signed in');
  expect((await browser.get('/session/ping').expect(200)).body).toMatchObject({
    state: 'active',
    idleTimeout: 15 * 60,
    loginUrl: '/login',
  });
  await browser.get('/session/client.js').expect(200);
  await browser.post('/logout').expect(302).expect('location', '/login?reason=signed-out');
  expect((await browser.get('/login?reason=signed-out').expect(200)).text).toContain('You have signed out');
  expect((await browser.get('/account').expect(200)).text).toContain('Sign in');
}

test('these pages have whole programs', () => {
  expect(programs).toEqual([
    'README.md',
    'docs/ledgers/small-ledger.md',
    'docs/recipes/connect-pg-simple.md',
    'docs/recipes/connect-redis.md',
    'docs/recipes/nestjs-passport.md',
    'docs/recipes/passport.md',
    'docs/recipes/single-page-applications.md',
    'docs/testing.md',
  ]);
});

test('they compile', () => {
  expect(problems).toEqual([]);
});

test('the application of the README does what the README says', async () => {
  await tryTheStart(await start(join(folderOf('README.md'), 'src/main.js')));
});

test('so does it in a CommonJS project, without ".js" in imports of its own files', async () => {
  const own = join(folder, 'commonjs');
  await installBuild(own);
  await writeFile(join(own, 'package.json'), '{ "type": "commonjs" }');
  const change = (code: string) => code.replaceAll(/(from '(?:\.|supertest\/)[^']*)\.js'/g, "$1'");
  expect(compile([PLATFORM, ...(await write('README.md', own, change))])).toEqual([]);
  await tryTheStart(await start(join(own, 'src/main.js')));
});

test('the e2e test of the README passes', async () => {
  const config = join(folder, 'jest-e2e.json');
  await writeFile(
    config,
    JSON.stringify({ ...jestConfig, rootDir: folderOf('README.md'), testMatch: ['**/*.e2e-spec.ts'] }),
  );
  const jest = `${root}node_modules/jest/bin/jest.js`;
  const { stderr } = await run(process.execPath, ['--experimental-vm-modules', jest, '--config', config]);
  expect(stderr).toContain('1 passed, 1 total');
});

test('the application of the recipe for passport signs in and out', async () => {
  const browser = await start(join(folderOf('docs/recipes/passport.md'), 'main.js'));
  await browser.get('/me').expect(200, { id: null });
  await browser.post('/login').send({ username: 'alice', password: 'wrong' }).expect(401);
  await browser.post('/login').send({ username: 'alice', password: 'secret' }).expect(201);
  await browser.get('/me').expect(200, { id: 'alice' });
  expect((await browser.get('/session/ping').expect(200)).body).toMatchObject({ state: 'active' });
  await browser.post('/logout').expect(201);
  expect((await browser.get('/session/ping').expect(200)).body).toMatchObject({ state: 'anonymous' });
});

describeWithPostgres('the application of the recipe for connect-pg-simple', () => {
  test('goes on when the server has closed its connections', async () => {
    const { url, stop } = await anyPostgres();
    const other = poolOn(url, 1);
    try {
      const main = join(folderOf('docs/recipes/connect-pg-simple.md'), 'main.js');
      const browser = await start(main, { DATABASE_URL: url });
      await other.query(
        `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
          WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
      );
      await sleep(200); // an unhandled error would have stopped the process by now
      await browser.get('/session/ping').expect(200);
    } finally {
      await other.end();
      await stop();
    }
  });
});

describeWithPostgres('the ledger that is written step by step', () => {
  test('passes the test on its page', async () => {
    const { url, stop } = await anyPostgres();
    try {
      const spec = join(folderOf('docs/ledgers/small-ledger.md'), 'knex-ledger.test.js');
      const env = { ...process.env, DATABASE_URL: url };
      const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', spec], { env });
      const { length } = ledgerConformance.filter(({ needs }) => !needs);
      expect(stdout).toMatch(new RegExp(`^# pass ${length}\n# fail 0$`, 'm'));
    } finally {
      await stop();
    }
  });
});
