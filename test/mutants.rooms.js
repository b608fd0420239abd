/**
 * The rooms of the code whose changes the specs have to notice, and the specs nearest to each. Servers and browsers take
 * too long, because each change runs all specs that reach it.
 */
const all = {
  policy: { code: 'src/policy/**/*.ts', specs: ['test/policy/*.spec.ts'] },
  wire: { code: 'src/wire/**/*.ts', specs: ['test/wire/*.spec.ts'] },
  ledger: { code: 'src/ledger/**/*.ts', specs: ['test/ledger/{layers,memory,server}/*.spec.ts'] },
  lifecycle: {
    code: 'src/enforcement/lifecycle/**/*.ts',
    specs: ['test/enforcement/lifecycle/*.spec.ts', 'test/express-session/**/*.spec.ts'],
  },
  'express-session': { code: 'src/express-session/**/*.ts', specs: ['test/express-session/**/*.spec.ts'] },
  'client-state': { code: 'src/client/state/**/*.ts', specs: ['test/client/{engine,state}/*.spec.ts'] },
};

const room = process.env['ROOM'];
if (room !== undefined && !(room in all)) {
  throw new Error(`There is no room ${room}; there are ${Object.keys(all).join(', ')}.`);
}

/** The room that `ROOM` names, or all rooms. */
export const rooms = room === undefined ? Object.values(all) : [all[room]];
