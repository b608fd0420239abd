import type { Request } from 'express';
import type { SessionData } from 'express-session';
import type { MaybePromise } from '../../base/maybe-promise.js';
import { Turns } from '../../base/turns.js';
import { hasEndedMeanwhile, isSound } from './row.js';
import type { TakenStore } from './taken-store.js';

/** How long others wait for an update, in milliseconds. A store may take two seconds to read, and two to write. */
const PATIENCE = 5000;

/**
 * Updates of rows. An update reads a row and writes it with other fields. Other writes of the row that begin meanwhile
 * wait. Otherwise, the update would undo them.
 */
export class RowUpdates {
  private readonly turns = new Turns(PATIENCE);

  constructor(private readonly taken: TakenStore) {}

  /** Sets fields of a row, and leaves the others as they are in the store. Does nothing if there is no row. */
  update(sessionId: string, fields: object): Promise<void> {
    return this.turns.inTurn(sessionId, () => this.updateNow(sessionId, fields));
  }

  /** Writes a row as soon as it is not being updated. */
  async write(sessionId: string, session: SessionData): Promise<void> {
    await this.after(sessionId, () => this.taken.write(sessionId, session));
  }

  /** Does something that writes a row as soon as it is not being updated. */
  after<T>(sessionId: string, write: () => T): MaybePromise<T> {
    return this.turns.after(sessionId, write);
  }

  private async updateNow(sessionId: string, fields: object): Promise<void> {
    const { taken } = this;
    const row = await taken.read(sessionId);
    if (!isSound(row)) return;
    // Stores expect a session, whose cookie says how long to keep the row. The expiry in the row may have passed,
    // because touches do not change it.
    const holder = { sessionID: sessionId } as Request;
    Reflect.apply(taken.own.createSession, taken.store, [holder, row]);
    holder.session.touch();
    await taken.write(sessionId, Object.assign(holder.session, fields) as SessionData);
    if (await hasEndedMeanwhile(taken, sessionId)) await taken.delete(sessionId);
  }
}
