import { promisify } from 'node:util';
import type { Request } from 'express';

/** Signs a user in under a new session id, so that a previously known id gives no access (session fixation). */
export async function beginSession(req: Request, user: string): Promise<void> {
  await promisify(req.session.regenerate.bind(req.session))();
  req.session.user = user;
  // The browser follows the redirect at once, so the session must be stored by then.
  await promisify(req.session.save.bind(req.session))();
}
