import type supertest from 'supertest';

/** Sends a request now: supertest itself waits until somebody asks for the answer. */
export function sent(request: supertest.Test): Promise<supertest.Response> {
  return request.then((response) => response);
}
