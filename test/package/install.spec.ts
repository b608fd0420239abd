import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeIf } from '../instances/support/binaries.js';
import { consumer, registryAnswers } from './support/consumer.js';
import { pack, root, run } from './support/tarball.js';

const MINUTE = 60_000;
const NESTS = [11, 12];

/** An application without a line of ours in it but the import; what it prints is what its users saw. */
const application = `
class AppModule {}
Module({ imports: [SessionTimeoutModule.forRoot({ path: 'auth', identify: (session) => session.user })] })(AppModule);

async function main() {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  app.use(session({ secret: 'test', resave: false, saveUninitialized: false }));
  app.use('/login', (req, res) => ((req.session.user = 'alice'), res.end()));
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address();
  const ask = async (path, cookie = '') => {
    const answer = await fetch('http://127.0.0.1:' + port + path, { headers: { cookie } });
    return { cookie: answer.headers.get('set-cookie')?.split(';')[0], text: await answer.text() };
  };
  const { cookie } = await ask('/login');
  const script = await ask('/auth/client.js');
  console.log(JSON.stringify({
    anonymous: JSON.parse((await ask('/auth/ping')).text).state,
    signedIn: JSON.parse((await ask('/auth/ping', cookie)).text).state,
    servesClient: script.text.length > 1000,
    subpaths: [RedisLedger, PostgresLedger, ManualClock, startSessionTimeout].map((one) => typeof one),
  }));
  await app.close();
}
main();
`;

const imports: [what: string, from: string][] = [
  ['{ Module }', '@nestjs/common'],
  ['{ NestFactory }', '@nestjs/core'],
  ['{ SessionTimeoutModule }', 'nestjs-session-timeout'],
  ['{ startSessionTimeout }', 'nestjs-session-timeout/client'],
  ['{ PostgresLedger }', 'nestjs-session-timeout/postgres'],
  ['{ RedisLedger }', 'nestjs-session-timeout/redis'],
  ['{ ManualClock }', 'nestjs-session-timeout/testing'],
  ['session', 'express-session'],
];

const ways = {
  'import.mjs': imports.map(([what, from]) => `import ${what} from '${from}';\n`).join(''),
  'require.cjs': imports.map(([what, from]) => `const ${what} = require('${from}');\n`).join(''),
};

/** A TypeScript file that uses what the declarations promise. */
const typed = `
import { presets, type SessionEvent, SessionTimeoutModule, type SessionTimeoutOptions } from 'nestjs-session-timeout';
import { startSessionTimeout } from 'nestjs-session-timeout/client';
import { PostgresLedger } from 'nestjs-session-timeout/postgres';
import { RedisLedger } from 'nestjs-session-timeout/redis';
import { ManualClock } from 'nestjs-session-timeout/testing';

export const options: SessionTimeoutOptions = { ...presets.nistAal2, identify: (session) => session.id };
export const module = SessionTimeoutModule.forRootAsync({ path: 'auth', useFactory: async () => options });
export const reasonOf = (event: SessionEvent) => event.reason;
export const others = [PostgresLedger, RedisLedger, ManualClock, startSessionTimeout] as const;
`;

/** How projects compile: today, and before there were `exports`, as with Nest 11 and earlier. */
const compilers = [
  { kind: 'nodenext', nests: [11, 12], files: ['typed.mts', 'typed.cts'], options: '--module nodenext' },
  {
    kind: 'commonjs',
    nests: [11],
    files: ['typed.ts'],
    options: '--module commonjs --moduleResolution node10 --esModuleInterop --ignoreDeprecations 6.0',
  },
];

/** What a CommonJS project on Node before 24.9 tells its Jest: to make CommonJS of this package, as ts-jest does. */
const jestOfCommonJs = {
  transform: { '\\.js$': '<rootDir>/to-commonjs.cjs' },
  transformIgnorePatterns: ['node_modules/(?!.*nestjs-session-timeout)'],
};

const toCommonJs = `
const ts = require(${JSON.stringify(join(root, 'node_modules/typescript'))});
const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
exports.process = (text) => ({ code: ts.transpileModule(text, { compilerOptions }).outputText });
`;

const jestTest = `
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionTimeoutModule } from 'nestjs-session-timeout';

class AppModule {}
Module({ imports: [SessionTimeoutModule.forRoot()] })(AppModule);

test('an application starts, and serves the client', async () => {
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const script = await fetch('http://127.0.0.1:' + app.getHttpServer().address().port + '/session/client.js');
  expect((await script.text()).length).toBeGreaterThan(1000);
  await app.close();
}, 60_000);
`;

const describeOnline = describeIf(await registryAnswers(), 'no npm registry can be reached');

describeOnline('installed from its tarball into an empty project', () => {
  const folders = new Map<number, string>();

  beforeAll(async () => {
    const { path } = await pack();
    await Promise.all(NESTS.map(async (nest) => folders.set(nest, await consumer(nest, path))));
  }, 5 * MINUTE);

  afterAll(() => Promise.all([...folders.values()].map((folder) => rm(folder, { recursive: true }))));

  describe.each(NESTS)('with Nest %i', (nest) => {
    test.each(Object.entries(ways))(
      'works with %s',
      async (file, imported) => {
        const folder = folders.get(nest) as string;
        await writeFile(join(folder, file), imported + application);
        const { stdout } = await run(process.execPath, [file], { cwd: folder });
        expect(JSON.parse(stdout)).toEqual({
          anonymous: 'anonymous',
          signedIn: 'active',
          servesClient: true,
          subpaths: ['function', 'function', 'function', 'function'],
        });
      },
      MINUTE,
    );

    // What Nest 12 is, Jest cannot make CommonJS of: its projects come with Vitest.
    if (nest === 11) {
      test(
        'works in Jest in a CommonJS project',
        async () => {
          const folder = folders.get(nest) as string;
          const files = { 'jest.config.json': JSON.stringify(jestOfCommonJs), 'to-commonjs.cjs': toCommonJs };
          await Promise.all(
            Object.entries({ ...files, 'app.test.js': jestTest }).map(([name, text]) =>
              writeFile(join(folder, name), text),
            ),
          );
          const jest = join(root, 'node_modules/jest/bin/jest.js');
          const { stderr } = await run(process.execPath, [jest], { cwd: folder });
          expect(stderr).toContain('Tests:       1 passed');
        },
        3 * MINUTE,
      );
    }

    test.each(compilers.filter(({ nests }) => nests.includes(nest)))(
      'has types that compile without optional packages: $kind',
      async ({ files, options }) => {
        const folder = folders.get(nest) as string;
        await Promise.all(files.map((file) => writeFile(join(folder, file), typed)));
        const tsc = join(root, 'node_modules/typescript/bin/tsc');
        const flags = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', ...options.split(' ')];
        const checking = run(process.execPath, [tsc, ...flags, ...files], { cwd: folder });
        // What other packages declare is theirs: Nest 11 does not compile without its own optional ones.
        const output = await checking.then(
          () => '',
          (error: { stdout: string }) => error.stdout,
        );
        const ours = output
          .split('\n')
          .filter((line) => /^(typed\.[mc]?ts|node_modules\/nestjs-session-timeout)/.test(line));
        expect(ours).toEqual([]);
      },
      5 * MINUTE,
    );
  });
});
