import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { visit } from '../browser/support/browser.js';
import { openSite } from '../browser/support/site.js';
import { describeIf } from '../instances/support/binaries.js';
import { attw, lint, manifestOf } from './support/checks.js';
import { install, registryAnswers } from './support/consumer.js';
import { pack, root, run, temporaryFolder } from './support/tarball.js';

const MINUTE = 60_000;
const KILOBYTE = 1024;
const home = join(root, 'packages/client');

let packed: Awaited<ReturnType<typeof pack>>;

beforeAll(async () => {
  await run(process.execPath, [join(home, 'assemble.js')]);
  packed = await pack(home);
}, MINUTE);

describe('the package of the client', () => {
  test('has the version, the license and the repository of the main package, and needs no other package', async () => {
    const [own, main] = await Promise.all([manifestOf(home), manifestOf(root)]);
    for (const field of ['version', 'license', 'bugs']) expect(own[field]).toEqual(main[field]);
    expect(own['repository']).toEqual({ ...(main['repository'] as object), directory: 'packages/client' });
    expect(Object.keys(own).filter((field) => /dependencies/i.test(field))).toEqual([]);
  });

  test('contains the modules of the client with their sources, and nothing of the server', () => {
    const others = packed.files.filter((file) => !/^(dist|src)\/(client|policy|wire)\/.+\.(ts|js|map)$/.test(file));
    expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
    expect(packed.files).toEqual(expect.arrayContaining(['dist/client/index.js', 'src/client/index.ts']));
    expect(packed.size).toBeLessThan(140 * KILOBYTE);
  });

  test('exports what the entry of the main package exports', async () => {
    const names = async (path: string) => Object.keys(await import(path)).toSorted();
    expect(await names(join(home, 'dist/client/index.js'))).toEqual(await names(join(root, 'dist/client/index.js')));
  });

  test('passes publint', async () => {
    expect(await lint(packed.path)).toEqual([]);
  });

  test(
    'has types for every way to import it, according to attw',
    async () => {
      expect(await attw(packed.path)).toEqual(['.', './package.json']);
    },
    MINUTE,
  );
});

const page = `<!doctype html><title>A front end</title>
<main><h1>Orders</h1><input aria-label="Note" /></main>
<script type="module" src="/main.ts"></script>`;

const script = `
import { startSessionTimeout, type SessionSnapshot } from 'nestjs-session-timeout-client';

const client = startSessionTimeout({ url: '/session/' });
const show = ({ state }: SessionSnapshot): void => void (document.body.dataset['state'] = state);
client.subscribe(() => show(client.snapshot()));
`;

const tsconfig = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2022', 'dom'],
    types: [],
    skipLibCheck: false,
  },
  files: ['main.ts'],
};

const describeOnline = describeIf(await registryAnswers(), 'no npm registry can be reached');

describeOnline('a front end of its own, built by Vite', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await temporaryFolder('front-end');
    const files = { 'index.html': page, 'main.ts': script, 'tsconfig.json': JSON.stringify(tsconfig) };
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
    await install(folder, [packed.path, 'vite@8']);
  }, 5 * MINUTE);

  afterAll(() => rm(folder, { recursive: true }));

  test('installs one package beside the bundler', async () => {
    const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as { packages: object };
    expect(Object.keys(lock.packages).filter((name) => name.includes('session-timeout'))).toEqual([
      'node_modules/nestjs-session-timeout-client',
    ]);
  });

  test(
    'compiles against the types, without skipping the check of the declarations',
    async () => {
      const tsc = join(root, 'node_modules/typescript/bin/tsc');
      await expect(run(process.execPath, [tsc, '-p', folder])).resolves.toMatchObject({ stdout: '' });
    },
    MINUTE,
  );

  test(
    'is built without a warning, warns its user before the end, and leaves the page at the end',
    async () => {
      const { NODE_ENV: _test, ...env } = process.env;
      const vite = join(folder, 'node_modules/vite/bin/vite.js');
      const { stdout, stderr } = await run(process.execPath, [vite, 'build'], { cwd: folder, env });
      expect(stdout).toContain('built in');
      expect(stdout + stderr).not.toMatch(/warn/i);

      const site = await openSite({ setup: (app) => app.useStaticAssets(join(folder, 'dist'), { index: false }) });
      const { open, pass } = await visit(site);
      const parts: string[] = [];
      const tab = await open('/index.html');
      tab.on('request', (request) => parts.push(new URL(request.url()).pathname));
      await tab.reload();
      await pass(42_000);
      expect(parts).toContain('/session/extras.js');
      expect(await tab.getAttribute('body', 'data-state')).toBe('warning');
      expect(await tab.getByRole('button', { name: 'Stay signed in' }).isVisible()).toBe(true);
      await pass(20_000);
      expect(new URL(tab.url()).pathname).toBe('/login');
    },
    2 * MINUTE,
  );
});
