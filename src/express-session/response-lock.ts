import type { Response } from 'express';

const LOCKED = ['writeHead', 'write', 'flushHeaders'] as const;

/**
 * Protects an answer that has ended but has not been sent yet. For example, a request timeout of the application would
 * put its own head before our body. Returns a function that unlocks the answer.
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
    // The names of the headers keep their case.
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined && value !== res.getHeader(name)) res.setHeader(name, value);
    }
    Object.assign(res, { statusCode, statusMessage });
  };
}
