import type { Request } from 'express';

/** What a session shows of express-session's own settings. */
export interface SessionSetup {
  readonly storeName: string;
  readonly maxAge: unknown;
  readonly sameSite: boolean | string | undefined;
  readonly secure: boolean | string | undefined;
}

/** Reads the settings of express-session off a request's session. */
export function sessionSetup(req: Request): SessionSetup {
  const { originalMaxAge, sameSite, secure } = req.session.cookie;
  return { storeName: req.sessionStore.constructor.name, maxAge: originalMaxAge, sameSite, secure };
}
