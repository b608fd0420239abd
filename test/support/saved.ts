import type { Request } from 'express';

/** Saves a session early, as handlers do that cannot wait for their answer. */
export const saved = (session: Request['session']) =>
  new Promise<void>((resolve, reject) => session.save((error: unknown) => (error ? reject(error) : resolve())));
