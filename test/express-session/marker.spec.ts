import type { Request } from 'express';
import fc from 'fast-check';
import { HttpSession } from '../../src/express-session/http-session.js';
import { MARKER } from '../../src/express-session/marker.js';
import { sessionKey } from '../../src/express-session/session-key.js';

const request = () => ({ session: {} }) as unknown as Request;

test('property: a marker is read as it was written, whatever name the run has', () => {
  const run = fc.option(fc.string({ unit: 'binary' }), { nil: undefined });
  fc.assert(
    fc.property(fc.string(), fc.integer(), run, (sessionId, startedAt, run) => {
      const req = request();
      new HttpSession(req).writeMarker(sessionKey(sessionId), { startedAt, run });
      expect(new HttpSession(req).readMarker(sessionKey(sessionId))).toEqual({ startedAt, run });
      expect(new HttpSession(req).readMarker(sessionKey(`${sessionId}!`))).toBeUndefined();
    }),
  );
});

test('a marker is one piece of text', () => {
  const req = request();
  new HttpSession(req).writeMarker(sessionKey('id'), { startedAt: 1_767_225_600_000, run: 'run' });
  expect(req.session).toEqual({ [MARKER]: 'pWFFJwzms769HdAS.1767225600000.run' });
});
