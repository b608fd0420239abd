import type { Response } from 'express';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { lockResponse } from '../../src/express-session/response-lock.js';

const answer = () => new ServerResponse(new IncomingMessage(new Socket())) as unknown as Response;

describe('an answer that is locked', () => {
  test('sends nothing, and lets who tries go on', () => {
    const res = answer();
    lockResponse(res);
    expect(res.writeHead(503).writeHead(503)).toBe(res);
    expect(res.write('late')).toBe(true);
    expect(res.flushHeaders()).toBeUndefined();
    expect(res.headersSent).toBe(false);
  });

  test('has the status, the message and the headers of before once it is unlocked', () => {
    const res = answer();
    res.statusCode = 401;
    res.statusMessage = 'Ended';
    res.setHeader('X-Kept', 'kept');
    res.setHeader('X-Taken', ['a', 'b']);
    const unlock = lockResponse(res);
    res.statusCode = 503;
    res.statusMessage = 'Timeout';
    res.setHeader('X-Added', 'added');
    res.setHeader('x-taken', 'c');
    unlock();
    expect([res.statusCode, res.statusMessage]).toEqual([401, 'Ended']);
    expect(res.getHeaders()).toEqual({ 'x-kept': 'kept', 'x-taken': ['a', 'b'] });
    expect(res.getHeaderNames()).toEqual(['x-kept', 'x-taken']);
  });

  test('has headers in the case in which they were written', () => {
    const res = answer();
    res.setHeader('X-Kept', 'kept');
    lockResponse(res)();
    expect((res as unknown as { getRawHeaderNames(): string[] }).getRawHeaderNames()).toEqual(['X-Kept']);
  });

  test('has its methods again once it is unlocked, those of other code too', () => {
    const res = answer();
    const write = () => true;
    res.write = write;
    lockResponse(res)();
    expect(res.write).toBe(write);
    expect(Object.keys(res)).not.toContain('writeHead');
    expect(res.writeHead).toBe(ServerResponse.prototype.writeHead);
    expect(res.flushHeaders).toBe(ServerResponse.prototype.flushHeaders);
  });
});
