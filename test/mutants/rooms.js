/**
 * The rooms of the code whose changes the specs have to notice, and the specs nearest to each. Servers and browsers take
 * too long, because each change runs all specs that reach it.
 */
const all = {
  policy: { code: 'src/policy/**/*.ts', specs: ['test/policy/*.spec.ts'] },
  wire: { code: 'src/wire/**/*.ts', specs: ['test/wire/*.spec.ts'] },
  'ledger-layers': {
    code: 'src/ledger/{layers,server}/**/*.ts',
    specs: [
      'test/ledger/layers/{bounded-ledger,coalescing-ledger,coalescing-users,coalescing-writes,layers-conformance,ledger-stack,measured-ledger,pending-activity}.spec.ts',
      'test/ledger/server/*.spec.ts',
    ],
  },
  'ledger-memory': {
    code: 'src/ledger/memory/**/*.ts',
    specs: [
      'test/ledger/memory/{due-queue,interned,memory-conformance,memory-ledger,memory-users,place-marks,sharded-map,timeline-table,user-index}.spec.ts',
    ],
  },
  // These two need a server. They start their own, or use those of `REDIS_URL` and `POSTGRES_URL`.
  'ledger-redis': {
    code: 'src/ledger/redis/**/*.ts',
    specs: [
      'test/ledger/redis/{cached-reads,due-list,limits,plain-reads,redis-client,redis-ledger,redis-record,user-lists,user-sessions}.spec.ts',
    ],
  },
  'ledger-postgres': {
    code: 'src/ledger/postgres/**/*.ts',
    specs: [
      'test/ledger/postgres/{isolation-levels,postgres-ledger,rows,schema,statement-runner,user-sessions}.spec.ts',
    ],
  },
  lifecycle: {
    code: 'src/enforcement/lifecycle/**/*.ts',
    specs: [
      'test/enforcement/lifecycle/parts/*.spec.ts',
      'test/enforcement/lifecycle/{authentication,owner,read-ahead,request-state,spared-touches}.spec.ts',
    ],
  },
  timelines: {
    code: 'src/enforcement/timelines/**/*.ts',
    specs: ['test/enforcement/{timelines,lifecycle}/*.spec.ts', 'test/people/max-sessions.spec.ts'],
  },
  'express-session': {
    code: 'src/express-session/**/*.ts',
    specs: [
      'test/express-session/**/*.spec.ts',
      'test/enforcement/lifecycle/{ended-before-restart,identity,limits,marker-writes,races}.spec.ts',
      'test/enforcement/ownership/{changes,inside-another-application,kept-sessions,unusual-sign-ins}.spec.ts',
      'test/enforcement/{unreadable-sessions,without-session}.spec.ts',
      'test/enforcement/startup/cookie-warnings.spec.ts',
      'test/integration/{broken-cookies,consumer-session,rows-that-are-gone,stores-that-take-lists}.spec.ts',
    ],
  },
  'client-state': { code: 'src/client/state/**/*.ts', specs: ['test/client/state/*.spec.ts'] },
};

const room = process.env['ROOM'];
if (room !== undefined && !(room in all)) {
  throw new Error(`There is no room ${room}; there are ${Object.keys(all).join(', ')}.`);
}

/** The room that `ROOM` names, or all rooms. */
export const rooms = room === undefined ? Object.values(all) : [all[room]];
