import type { ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';

/** An Express request with its response. */
export type HttpRequest = Request & { res: Response };

/**
 * Returns the HTTP request of a route or of a GraphQL operation. Messages of gateways and microservices, and
 * scheduled calls, have none.
 */
export function requestOf(context: ExecutionContext): HttpRequest | undefined {
  const type = context.getType<'http' | 'graphql' | 'ws' | 'rpc'>();
  if (type === 'http') return expressRequest(context.getArgByIndex(0));
  if (type === 'graphql') return expressRequest(context.getArgByIndex<{ req?: unknown } | undefined>(2)?.req);
  return undefined;
}

function expressRequest(req: unknown): HttpRequest | undefined {
  return (req as HttpRequest | undefined)?.res ? (req as HttpRequest) : undefined;
}
