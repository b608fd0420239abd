import type { Request } from 'express';

/** Saves a session early, as handlers do that cannot wait for their answer. */
export const saved = (session: Request['session']) =>
  new Promise<void>((resolve, reject) => session.save((error: unknown) => (error ? reject(error) : resolve())));

/** Replaces a session by an empty one with a new id, as handlers do before they sign somebody in. */
export const regenerated = (session: Request['session']) =>
  new Promise<void>((resolve, reject) => session.regenerate((error: unknown) => (error ? reject(error) : resolve())));
