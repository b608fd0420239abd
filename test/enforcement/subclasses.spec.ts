import { jest } from '@jest/globals';
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  Module,
  type Provider,
  Scope,
  Sse,
  type Type,
  UseInterceptors,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, ModuleRef } from '@nestjs/core';
import type { Response } from 'express';
import { NEVER } from 'rxjs';
import {
  SessionExpiredException,
  SessionExpiredFilter,
  SessionTimeoutGuard,
  SessionTimeoutInterceptor,
} from '../../src/index.js';
import type { HttpRequest } from '../../src/enforcement/request/request-of.js';
import { type AppOptions, MINUTE, PagesController, startApp, stopApps } from '../support/app.js';
import { sessionCookie } from '../support/cookies.js';
import { openStream } from '../support/event-stream.js';

afterEach(async () => {
  jest.restoreAllMocks();
  await stopApps();
});

/** Which guards were asked, in order. */
let asked: string[] = [];
beforeEach(() => {
  asked = [];
});

@Injectable()
class OwnGuard extends SessionTimeoutGuard {
  override canActivate(context: ExecutionContext) {
    asked.push('own');
    return super.canActivate(context);
  }

  protected override isPassive(req: HttpRequest, context: ExecutionContext): boolean {
    return req.headers['x-background'] === '1' || super.isPassive(req, context);
  }
}

@Injectable()
class OtherGuard implements CanActivate {
  canActivate(): boolean {
    asked.push('other');
    return true;
  }
}

const other: Provider = { provide: APP_GUARD, useClass: OtherGuard };

describe.each<[string, AppOptions]>([
  ['APP_GUARD', { providers: [other, { provide: APP_GUARD, useClass: OwnGuard }] }],
  ['APP_GUARD with useExisting', { providers: [other, OwnGuard, { provide: APP_GUARD, useExisting: OwnGuard }] }],
  [
    'app.useGlobalGuards()',
    { providers: [other], setup: (app) => app.useGlobalGuards(new OwnGuard(app.get(ModuleRef))) },
  ],
])('a subclass of SessionTimeoutGuard, given by %s,', (_how, given) => {
  test('is asked once per request, in place of the built-in guard and before all others', async () => {
    const { signedIn } = await startApp(given);
    const browser = await signedIn();
    asked = [];
    const calls = jest.spyOn(SessionTimeoutGuard.prototype, 'canActivate');
    await browser.get('/me').expect(200, { user: 'alice' });
    expect(asked).toEqual(['own', 'other']);
    expect(calls).toHaveBeenCalledTimes(1);
  });

  test('refuses an ended session before other guards are asked', async () => {
    const { signedIn, clock } = await startApp(given);
    const browser = await signedIn();
    clock.advance(15 * MINUTE);
    asked = [];
    const { body } = await browser.get('/me').expect(401);
    expect(body).toMatchObject({ code: 'SESSION_EXPIRED', reason: 'idle' });
    expect(asked).toEqual(['own']);
  });

  test('decides by its isPassive() what is activity', async () => {
    const { signedIn, clock } = await startApp(given);
    const browser = await signedIn();
    clock.advance(10 * MINUTE);
    await browser.get('/me').expect(200);
    clock.advance(10 * MINUTE);
    await browser.get('/me').set('x-background', '1').expect(200);
    await browser.get('/feed').expect(200);
    clock.advance(5 * MINUTE);
    await browser.get('/me').expect(401);
  });
});

test('a subclass of SessionTimeoutGuard that is created for each request replaces the built-in guard', async () => {
  const { signedIn, clock } = await startApp({
    providers: [other, { provide: APP_GUARD, scope: Scope.REQUEST, useClass: OwnGuard }],
  });
  const browser = await signedIn();
  clock.advance(10 * MINUTE);
  asked = [];
  await browser.get('/me').set('x-background', '1').expect(200);
  // Nest asks the guards of a request after the others.
  expect(asked).toEqual(['other', 'own']);
  clock.advance(5 * MINUTE);
  await browser.get('/me').expect(401);
});

test('a subclass of SessionTimeoutGuard can refuse with another exception', async () => {
  @Injectable()
  class ForbiddingGuard extends SessionTimeoutGuard {
    protected override refuse({ reason }: SessionExpiredException): never {
      throw new ForbiddenException(`Over: ${reason}`);
    }
  }
  const { signedIn, clock } = await startApp({ providers: [{ provide: APP_GUARD, useClass: ForbiddingGuard }] });
  const browser = await signedIn();
  clock.advance(15 * MINUTE);
  await browser.get('/me').expect(403, { message: 'Over: idle', error: 'Forbidden', statusCode: 403 });
});

@Injectable()
class OwnFilter extends SessionExpiredFilter {
  protected override redirect(res: Response, url: string): void {
    res.redirect(302, `${url}&by=own`);
  }

  protected override refuse(res: Response, exception: SessionExpiredException): void {
    res.status(440).json({ over: exception.reason });
  }
}

/** Catches everything. */
@Catch()
class TeapotFilter implements ExceptionFilter {
  catch(_exception: unknown, host: ArgumentsHost): void {
    host.switchToHttp().getResponse<Response>().sendStatus(418);
  }
}

@Module({ providers: [{ provide: APP_FILTER, useClass: OwnFilter }] })
class FilterModule {}

@Module({ providers: [OwnFilter, { provide: APP_FILTER, useExisting: OwnFilter }] })
class ExistingFilterModule {}

async function expired(given: AppOptions) {
  const { signedIn, clock } = await startApp({ ...given, options: { redirectTo: '/login' } });
  const browser = await signedIn();
  clock.advance(15 * MINUTE);
  return browser;
}

describe.each<[string, AppOptions]>([
  ['APP_FILTER of the root module', { providers: [{ provide: APP_FILTER, useClass: OwnFilter }] }],
  [
    'APP_FILTER of the root module with useExisting',
    { providers: [OwnFilter, { provide: APP_FILTER, useExisting: OwnFilter }] },
  ],
  [
    'APP_FILTER with Scope.REQUEST',
    { providers: [{ provide: APP_FILTER, scope: Scope.REQUEST, useClass: OwnFilter }] },
  ],
  [
    'APP_FILTER with Scope.REQUEST, before another one',
    {
      providers: [
        { provide: APP_FILTER, scope: Scope.REQUEST, useClass: OwnFilter },
        { provide: APP_FILTER, scope: Scope.REQUEST, useClass: TeapotFilter },
      ],
    },
  ],
  [
    'APP_FILTER, beside another one with Scope.REQUEST',
    {
      providers: [
        { provide: APP_FILTER, useClass: OwnFilter },
        { provide: APP_FILTER, scope: Scope.REQUEST, useClass: TeapotFilter },
      ],
    },
  ],
  ['APP_FILTER of an imported module', { imports: [FilterModule] }],
  ['APP_FILTER of an imported module with useExisting', { imports: [ExistingFilterModule] }],
  ['app.useGlobalFilters()', { setup: (app) => app.useGlobalFilters(new OwnFilter(app.get(ModuleRef))) }],
])('a subclass of SessionExpiredFilter, given by %s,', (_how, given) => {
  test('answers a request of a script by its refuse()', async () => {
    const browser = await expired(given);
    await browser.get('/me').expect(440, { over: 'idle' });
  });

  test('answers a page load by its redirect()', async () => {
    const browser = await expired(given);
    const { headers } = await browser.get('/me').set('Sec-Fetch-Mode', 'navigate').expect(302);
    expect(headers['location']).toBe('/login?reason=idle&returnTo=%2Fme&by=own');
  });
});

/** Leaves the stream of news alone. */
@Injectable()
class OwnInterceptor extends SessionTimeoutInterceptor {
  protected override isStream(context: ExecutionContext): boolean {
    return context.getHandler().name !== 'news' && super.isStream(context);
  }
}

@Controller()
class StreamsController {
  @Sse('messages')
  messages() {
    return NEVER;
  }

  @Sse('news')
  news() {
    return NEVER;
  }
}

@Controller()
@UseInterceptors(OwnInterceptor)
class NamingController extends StreamsController {}

const streams: Type<unknown>[] = [PagesController, StreamsController];

describe.each<[string, AppOptions]>([
  ['APP_INTERCEPTOR', { controllers: streams, providers: [{ provide: APP_INTERCEPTOR, useClass: OwnInterceptor }] }],
  [
    'APP_INTERCEPTOR with useExisting',
    { controllers: streams, providers: [OwnInterceptor, { provide: APP_INTERCEPTOR, useExisting: OwnInterceptor }] },
  ],
  [
    'app.useGlobalInterceptors()',
    { controllers: streams, setup: (app) => app.useGlobalInterceptors(new OwnInterceptor(app.get(ModuleRef))) },
  ],
  [
    'APP_INTERCEPTOR for each request',
    {
      controllers: streams,
      providers: [{ provide: APP_INTERCEPTOR, scope: Scope.REQUEST, useClass: OwnInterceptor }],
    },
  ],
  ['@UseInterceptors()', { controllers: [PagesController, NamingController] }],
])('a subclass of SessionTimeoutInterceptor, given by %s,', (_how, given) => {
  test('decides by its isStream() which streams end with their session', async () => {
    const started = await startApp(given);
    await started.app.listen(0);
    const cookie = sessionCookie(await started.request.post('/login').send({ user: 'alice' }).expect(201));
    const messages = await openStream(started, '/messages', cookie);
    const news = await openStream(started, '/news', cookie);
    try {
      await started.service.end(started.events[0]?.session ?? '');
      await messages.over;
      await started.request.get('/public').expect(200);
      expect(news.isOver()).toBe(false);
    } finally {
      messages.leave();
      news.leave();
    }
  });
});

test('a stream that one controller inherits from another ends, if only one of them names a subclass', async () => {
  @Controller('inherited')
  class InheritingController extends StreamsController {}

  const started = await startApp({ controllers: [PagesController, InheritingController, NamingController] });
  await started.app.listen(0);
  const cookie = sessionCookie(await started.request.post('/login').send({ user: 'alice' }).expect(201));
  const stream = await openStream(started, '/inherited/news', cookie);
  try {
    await started.service.end(started.events[0]?.session ?? '');
    await stream.over;
  } finally {
    stream.leave();
  }
});
