import { promisify } from 'node:util';
import type { Request } from 'express';

/** Signs a user in under a new session id, so that an id known from before gives nobody access (fixation). */
export async function beginSession(req: Request, user: string): Promise<void> {
  await promisify(req.session.regenerate.bind(req.session))();
  req.session.user = user;
  // The browser follows the redirect at once: what it finds there has to be stored by then.
  await promisify(req.session.save.bind(req.session))();
}
