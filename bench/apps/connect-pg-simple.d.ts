declare module 'connect-pg-simple' {
  import type session from 'express-session';
  import type pg from 'pg';

  /** The part that is used. */
  interface Options {
    readonly pool: pg.Pool;
    readonly schemaName: string;
    readonly createTableIfMissing: boolean;
  }

  export default function connectPgSimple(expressSession: typeof session): new (options: Options) => session.Store;
}
