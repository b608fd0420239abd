import { createHash } from 'node:crypto';
import { sessionKey, sessionTag } from '../../src/express-session/session-key.js';

test('a key is the SHA-256 of the session id, for new ids and for ids seen before', () => {
  const ids = Array.from({ length: 300 }, (_, i) => `session ${i}`);
  const keys = ids.map((id) => createHash('sha256').update(id).digest('base64url'));
  expect(ids.map(sessionKey)).toEqual(keys);
  expect(ids.flatMap((id) => [sessionKey(id), sessionKey(id)])).toEqual(keys.flatMap((key) => [key, key]));
});

test('the tag of a session is the first eight letters of its key', () => {
  expect(sessionTag(sessionKey('id'))).toBe(createHash('sha256').update('id').digest('base64url').slice(0, 8));
});
