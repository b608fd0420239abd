import connectPgSimple from 'connect-pg-simple';
import session, { MemoryStore } from 'express-session';
import { ledgerConformance } from '../../../src/testing/index.js';
import { eventually } from '../../instances/support/binaries.js';
import {
  anyPostgres,
  describeWithPostgres,
  poolOn,
  type TestPostgres,
} from '../../instances/support/postgres-server.js';
import { HOUR, MINUTE, startApp, stopApps } from '../../support/app.js';
import { anyTable, type Subject, subjectOn } from './support/postgres-tables.js';
import { type Connected, libraries } from './support/libraries.js';

const PgStore = connectPgSimple(session);

describeWithPostgres('PostgresLedger with the connections of a library', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await anyPostgres();
  });
  afterAll(() => server?.stop());

  describe.each(Object.entries(libraries))('%s', (_name, connect) => {
    let library: Connected;
    let subject: Subject;

    beforeAll(async () => {
      library = await connect(server.url);
      subject = await subjectOn(library.client, anyTable());
    });
    afterAll(async () => {
      await stopApps();
      subject?.ledger.close();
      await subject?.client.query(`DROP TABLE IF EXISTS ${subject.table}, ${subject.table}_sessions`);
      await library?.close();
    });

    // Moves the times of the rows instead of waiting.
    test.each(ledgerConformance)('$name', ({ check }) => check({ ledger: subject.ledger, pass: subject.pass }));

    test('signs in, refuses the session when it was idle, and signs in again', async () => {
      const { ledger, table, pass } = subject;
      const store = library.pool
        ? new PgStore({ pool: library.pool, tableName: `${table}_sessions`, createTableIfMissing: true } as never)
        : new MemoryStore();
      const { signedIn } = await startApp({ options: { idleTimeout: '15m', ledger }, session: { store } });
      const [soon, late] = [await signedIn(), await signedIn()];
      await pass(14 * MINUTE);
      await soon.get('/me').expect(200, { user: 'alice' });
      await pass(MINUTE);
      const { body } = await late.get('/me').expect(401);
      expect(body).toMatchObject({ reason: 'idle' });
      await late.post('/login').send({ user: 'alice' }).expect(201);
      await late.get('/me').expect(200, { user: 'alice' });
    });

    test('keeps what it has written when the application rolls a transaction back', async () => {
      const { ledger, client, table } = subject;
      await ledger.open('open', { user: 'alice', keepFor: HOUR });
      await library.rolledBack(`CREATE TABLE ${table}_undone ()`, async () => {
        expect(await ledger.end('open', { reason: 'revoked', keepFor: HOUR })).toBe(true);
      });
      expect(await ledger.read('open')).toMatchObject({ state: 'ended', reason: 'revoked' });
      const { rows } = await client.query(`SELECT to_regclass('${table}_undone') AS undone`);
      expect(rows).toMatchObject([{ undone: null }]);
    });

    test('gives its connections back, whether a statement succeeds or fails', async () => {
      const { client, ledger } = subject;
      const failing = Array.from({ length: 20 }, () => client.query('SELECT * FROM nowhere'));
      for (const { status } of await Promise.allSettled(failing)) expect(status).toBe('rejected');
      await Promise.all(Array.from({ length: 20 }, () => ledger.read('any')));
    });

    test('goes on when the server has cut its connections', async () => {
      const { client, ledger } = subject;
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => client.query('SELECT pg_backend_pid() AS pid')),
      );
      const pids = answers.flatMap(({ rows }) => rows as { pid: number }[]).map(({ pid }) => pid);
      const other = poolOn(server.url);
      await other.query('SELECT pg_terminate_backend(pid) FROM unnest($1::integer[]) AS pid', [pids]);
      await other.end();
      expect(await eventually(() => ledger.read('any'))).toBeUndefined();
    });
  });
});
