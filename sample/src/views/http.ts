import type { Request, Response } from 'express';

/** Whether a browser requests a page, as opposed to a script that requests data. */
export function acceptsHtml(req: Request): boolean {
  return req.accepts(['json', 'html']) === 'html';
}

/** Redirects a browser to `path` with GET. */
export function redirect(res: Response, path: string): Response {
  return res.status(303).location(path);
}

/** A field of a posted form; empty if it is missing or is not text. */
export function field(form: Record<string, unknown> | undefined, name: string): string {
  const value = form?.[name];
  return typeof value === 'string' ? value : '';
}
