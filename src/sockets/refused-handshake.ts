import { type HttpException, ForbiddenException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { noop } from '../base/noop.js';
import { expiredChallenge } from '../enforcement/answer/refusal.js';
import { SessionExpiredException } from '../enforcement/answer/session-expired.exception.js';
import { RETRY_AFTER, SessionUnavailableException } from '../enforcement/answer/session-unavailable.exception.js';

/** An answer that refuses a handshake. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The answer to a handshake that is refused for this reason. */
export function refusalFor(exception: HttpException): Refusal {
  const body = JSON.stringify(exception.getResponse());
  const isExpiry = exception instanceof SessionExpiredException;
  return {
    status: exception.getStatus(),
    headers: {
      'Content-Type': isExpiry ? 'application/problem+json; charset=utf-8' : 'application/json; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(body)),
      'Cache-Control': 'no-store',
      ...(isExpiry && { 'WWW-Authenticate': expiredChallenge(exception.reason) }),
      ...(exception instanceof SessionUnavailableException && { 'Retry-After': String(RETRY_AFTER) }),
    },
    body,
  };
}

export const foreignOrigin = () =>
  refusalFor(new ForbiddenException('A page of another origin may not open a socket. See the option "origins".'));

/** Answers a handshake before the connection is upgraded. */
export function refuseUpgrade(socket: Duplex, { status, headers, body }: Refusal): void {
  if (!socket.writable) return void socket.destroy();
  const lines = Object.entries({ Connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}`);
  socket.once('finish', () => socket.destroy());
  socket.on('error', noop);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'));
}
