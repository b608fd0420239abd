import { MINUTE, stopApps } from '../../support/app.js';
import { startGraphql } from '../support/graphql.js';

afterEach(stopApps);

test('a refusal is a GraphQL error with the code, the reason and the login URL', async () => {
  const { ask, clock } = await startGraphql({ options: { redirectTo: '/login' } });
  clock.advance(15 * MINUTE);
  const { body } = await ask('{ me again: me }').expect(200);
  expect(body).toEqual({
    data: { me: null, again: null },
    errors: ['me', 'again'].map((field) => ({
      message: 'You were signed out because you were inactive.',
      path: [field],
      locations: [expect.anything()],
      extensions: expect.objectContaining({
        code: 'SESSION_EXPIRED',
        reason: 'idle',
        loginUrl: '/login?reason=idle',
      }),
    })),
  });
});
