import { Controller, Get, Module, Sse, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { NEVER } from 'rxjs';
import supertest from 'supertest';
import {
  SessionExpiredException,
  SessionExpiredFilter,
  SessionTimeoutGuard,
  SessionTimeoutInterceptor,
} from '../../src/index.js';
import { HOUR, MINUTE, startApp, stopApps } from '../support/app.js';
import { sessionCookie } from '../support/cookies.js';
import { openStream } from '../support/event-stream.js';
import { collector } from '../support/logs.js';

afterEach(stopApps);

@Controller()
@UseGuards(SessionTimeoutGuard)
@UseInterceptors(SessionTimeoutInterceptor)
class GuardedController {
  @Get('feature')
  feature() {
    return {};
  }
}

@Controller()
@UseFilters(SessionExpiredFilter)
class FilteredController {
  @Get('refusing')
  refusing(): never {
    throw new SessionExpiredException('revoked', 'Over.', '/login');
  }
}

@Controller()
@UseInterceptors(SessionTimeoutInterceptor)
class StreamController {
  @Sse('stream')
  stream() {
    return NEVER;
  }
}

/** A module that imports nothing. */
@Module({ controllers: [GuardedController, FilteredController, StreamController] })
class FeatureModule {}

describe('in a feature module that imports nothing', () => {
  test('@UseGuards(SessionTimeoutGuard) and @UseInterceptors(SessionTimeoutInterceptor) work', async () => {
    const { signedIn, clock } = await startApp({ imports: [FeatureModule] });
    const browser = await signedIn();
    await browser.get('/feature').expect(200);
    clock.advance(HOUR);
    await browser.get('/feature').expect(401);
  });

  test('@UseGuards(SessionTimeoutGuard) counts a request as activity', async () => {
    const { signedIn, clock } = await startApp({ imports: [FeatureModule] });
    const browser = await signedIn();
    for (let i = 0; i < 3; i += 1) {
      clock.advance(14 * MINUTE);
      await browser.get('/feature').expect(200);
    }
  });

  test('@UseFilters(SessionExpiredFilter) answers its exception', async () => {
    const { request } = await startApp({ imports: [FeatureModule] });
    const { body } = await request
      .get('/refusing')
      .expect(401)
      .expect('Content-Type', /^application\/problem\+json/);
    expect(body).toMatchObject({ code: 'SESSION_EXPIRED', reason: 'revoked', loginUrl: '/login' });
    const { headers } = await request.get('/refusing?a=1').set('Sec-Fetch-Mode', 'navigate').expect(303);
    expect(headers['location']).toBe('/login?returnTo=%2Frefusing%3Fa%3D1');
  });

  test('@UseInterceptors(SessionTimeoutInterceptor) ends an event stream with its session', async () => {
    const started = await startApp({ imports: [FeatureModule] });
    await started.app.listen(0);
    const cookie = sessionCookie(await started.request.post('/login').send({ user: 'alice' }).expect(201));
    const stream = await openStream(started, '/stream', cookie);
    try {
      expect({ status: stream.status, isOver: stream.isOver() }).toEqual({ status: 200, isOver: false });
      await started.service.end(started.events[0]?.session ?? '');
      await stream.over;
    } finally {
      stream.leave();
    }
  });
});

test('a guard that was made with new fails with an error that says how to provide it', async () => {
  const logs: string[] = [];
  class OwnGuard extends SessionTimeoutGuard {}
  // In JavaScript, nobody asks for the ModuleRef.
  const Made = OwnGuard as unknown as new () => OwnGuard;
  const { request } = await startApp({ setup: (app) => app.useGlobalGuards(new Made()), logger: collector(logs) });
  await request.get('/me').expect(500);
  expect(logs.join('\n')).toContain('This guard, filter or interceptor was made with new. Provide it as APP_GUARD');
});

describe('without SessionTimeoutModule', () => {
  const MISSING = 'The application does not import SessionTimeoutModule. Import it in the root module.';

  const logs: string[] = [];
  let app: NestExpressApplication;
  let request: ReturnType<typeof supertest>;

  beforeEach(async () => {
    logs.length = 0;
    const moduleRef = await Test.createTestingModule({ imports: [FeatureModule] }).compile();
    app = moduleRef.createNestApplication<NestExpressApplication>({ logger: collector(logs) });
    await app.init();
    request = supertest(app.getHttpServer());
  });
  afterEach(() => app.close());

  test('@UseGuards(SessionTimeoutGuard) fails with an error that says so', async () => {
    await request.get('/feature').expect(500);
    expect(logs.join('\n')).toContain(MISSING);
  });

  test('@UseFilters(SessionExpiredFilter) fails with that error where it needs the options', async () => {
    await request.get('/refusing').expect(401);
    const answer = await request.get('/refusing').set('Sec-Fetch-Mode', 'navigate').timeout(5000).expect(500);
    expect(logs.join('\n') + answer.text).toContain(MISSING);
  });
});
