import type { RequestSession, RequestState } from '../lifecycle/request-session.js';

/**
 * Looks at a request with a response when its session has been judged or has changed. Returns true when it has seen
 * enough.
 */
export type Inspection = (state: RequestState, session: RequestSession) => boolean;

/** Looks at requests to find doubtful settings. Each inspection goes on until it has seen enough. */
export class Inspections {
  private ofAll: readonly Inspection[] = [];
  private ofNew: readonly Inspection[] = [];

  /** Shows all requests to an inspection. It should have seen enough soon, because each request waits for it. */
  add(inspection: Inspection): void {
    this.ofAll = [...this.ofAll, inspection];
  }

  /** Shows an inspection only the requests whose session is new or has ended. These are few. */
  addForNew(inspection: Inspection): void {
    this.ofNew = [...this.ofNew, inspection];
  }

  run(state: RequestState, session: RequestSession): void {
    const isOfNew = this.ofNew.length > 0 && isNew(state, session);
    if ((this.ofAll.length === 0 && !isOfNew) || !state.hasResponse || !state.http.exists) return;
    this.ofAll = this.ofAll.filter((inspect) => !inspect(state, session));
    if (isOfNew) this.ofNew = this.ofNew.filter((inspect) => !inspect(state, session));
  }
}

function isNew({ http, hasRepeatedId }: RequestState, { kind }: RequestSession): boolean {
  return http.origin === 'new' || kind === 'ended' || hasRepeatedId;
}
