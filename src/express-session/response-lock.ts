import type { Response } from 'express';

const LOCKED = ['writeHead', 'write', 'flushHeaders'] as const;

/**
 * Keeps an answer that has been given, but not sent yet, as it is: a request timeout of the application, for example,
 * would put its own head before our body. Returns how to unlock it.
 */
export function lockResponse(res: Response): () => void {
  const { statusCode, statusMessage } = res;
  const headers = res.getHeaders();
  const before = LOCKED.map((name) => [name, Object.getOwnPropertyDescriptor(res, name)] as const);
  Object.assign(res, { writeHead: () => res, write: () => true, flushHeaders: () => undefined });

  return () => {
    for (const [name, own] of before) {
      if (own) Object.defineProperty(res, name, own);
      else delete (res as Partial<Response>)[name];
    }
    for (const name of res.getHeaderNames()) if (!(name in headers)) res.removeHeader(name);
    // Their names stay as they were written, in whatever case.
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined && value !== res.getHeader(name)) res.setHeader(name, value);
    }
    Object.assign(res, { statusCode, statusMessage });
  };
}
