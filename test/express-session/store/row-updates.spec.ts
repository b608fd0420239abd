import { setImmediate as turn } from 'node:timers/promises';
import { MemoryStore, type SessionData } from 'express-session';
import { Gate } from '../../support/gate.js';
import { outcome, taken } from '../support/taken-server.js';

const ROW = { cookie: { originalMaxAge: null }, user: 'alice' } as unknown as SessionData;

/** A store that reads, and then takes its time to call back. */
class SlowStore extends MemoryStore {
  gate: Gate | undefined;

  override get(...[id, callback]: Parameters<MemoryStore['get']>): void {
    super.get(id, (...results) => void Promise.resolve(this.gate?.pass()).then(() => callback(...results)));
  }

  row(): object | undefined {
    const text = (this as unknown as { sessions: Record<string, string> }).sessions['id'];
    return text === undefined ? undefined : (JSON.parse(text) as object);
  }
}

/** Begins an update, which has read the row, and has not written it yet. */
async function updating(hooks: Parameters<typeof taken>[1] = {}) {
  const store = new SlowStore();
  const current = taken(store, hooks);
  await current.write('id', ROW);
  const gate = (store.gate = new Gate());
  const updated = current.updates.update('id', { mark: 1 });
  await gate.hasArrived();
  return { store, current, gate, updated };
}

describe('an update of a row', () => {
  test('does not undo what the application writes meanwhile', async () => {
    const { store, current, gate, updated } = await updating();
    const written = outcome((done) => current.store.set('id', { ...ROW, note: 'kept', mark: 0 } as SessionData, done));
    await turn();
    expect(store.row()).not.toHaveProperty('note');
    gate.open();
    await updated;
    expect(await written).toBe('done');
    expect(store.row()).toMatchObject({ user: 'alice', note: 'kept' });
  });

  test('does not undo what this package writes meanwhile', async () => {
    const { store, current, gate, updated } = await updating();
    const written = current.updates.write('id', { ...ROW, note: 'kept' } as SessionData);
    gate.open();
    await Promise.all([updated, written]);
    expect(store.row()).toMatchObject({ user: 'alice', note: 'kept' });
  });

  test('does not undo another update', async () => {
    const { store, current, gate, updated } = await updating();
    const other = current.updates.update('id', { other: 2 });
    gate.open();
    await Promise.all([updated, other]);
    expect(store.row()).toMatchObject({ user: 'alice', mark: 1, other: 2 });
  });

  test('does not bring back the row of a session that has ended meanwhile', async () => {
    let hasEnded = false;
    const { store, current, gate, updated } = await updating({ isEnded: () => hasEnded });
    hasEnded = true;
    expect(await outcome((done) => current.store.destroy('id', done))).toBe('done');
    gate.open();
    await updated;
    expect(store.row()).toBeUndefined();
  });

  test('that fails keeps nobody from writing', async () => {
    const { store, current, gate, updated } = await updating();
    store.set = ((_id: string, _row: unknown, done: (error: Error) => void) => done(new Error('full'))) as never;
    const failed = updated.catch((error: Error) => error.message);
    const other = current.updates.after('id', () => 'done');
    gate.open();
    expect(await failed).toBe('full');
    expect(await other).toBe('done');
  });

  test('keeps no write of another row waiting', async () => {
    const { current, gate, updated } = await updating();
    expect(current.updates.after('another', () => 'done')).toBe('done');
    gate.open();
    await updated;
  });
});
