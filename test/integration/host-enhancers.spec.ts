import {
  Body,
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  HttpCode,
  Injectable,
  type NestInterceptor,
  Post,
  Query,
  Req,
  ValidationPipe,
} from '@nestjs/common';
import { APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { IsString } from 'class-validator';
import type { Request } from 'express';
import { map, type Observable, of, tap } from 'rxjs';
import { AllowExpired } from '../../src/index.js';
import { type AppOptions, MINUTE, SECOND, startApp, stopApps } from '../support/app.js';
import { timing } from '../support/timing.js';

afterEach(stopApps);

class Credentials {
  @IsString()
  user!: string;
}

class Search {
  @IsString()
  text!: string;
}

@Controller()
class PagesController {
  @Post('login')
  @AllowExpired()
  @HttpCode(200)
  login(@Req() req: Request, @Body() body: Credentials) {
    req.session.user = body.user;
    return { user: body.user };
  }

  @Get('search')
  search(@Query() query: Search) {
    return { text: query.text };
  }
}

/** Wraps every body, as many applications do. */
@Injectable()
class WrapInData implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

/** What the CacheInterceptor of @nestjs/cache-manager does at its core. */
@Injectable()
class CacheByUrl implements NestInterceptor {
  private readonly cache = new Map<string, unknown>();

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { method, originalUrl } = context.switchToHttp().getRequest<Request>();
    if (method !== 'GET') return next.handle();
    const known = this.cache.get(originalUrl) ?? null;
    return known === null ? next.handle().pipe(tap((answer) => this.cache.set(originalUrl, answer))) : of(known);
  }
}

@Injectable()
class Failing implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.switchToHttp().getRequest<Request>().path.startsWith('/session/')) throw new Error('no tenant');
    return next.handle();
  }
}

// class-transformer is optional, and these classes need none of it.
const transformerPackage = {
  plainToInstance: (type: new () => object, plain: object) => Object.assign(new type(), plain),
  classToPlain: (instance: object) => instance,
};
const strict = new ValidationPipe({
  whitelist: true,
  forbidNonWhitelisted: true,
  transform: true,
  transformerPackage,
} as never);

async function start(given: AppOptions) {
  const started = await startApp({ controllers: [PagesController], ...given });
  const alice = started.browser();
  const login = await alice.post('/login').send({ user: 'alice' }).expect(200);
  return { ...started, alice, login };
}

describe.each<[string, AppOptions]>([
  ['app.useGlobalInterceptors()', { setup: (app) => app.useGlobalInterceptors(new WrapInData()) }],
  ['APP_INTERCEPTOR', { providers: [{ provide: APP_INTERCEPTOR, useClass: WrapInData }] }],
])('bodies wrapped by %s', (_how, given) => {
  test('do not include the bodies of our routes', async () => {
    const { alice, login, clock, request } = await start(given);
    expect(login.body).toEqual({ data: { user: 'alice' } });
    expect(login.headers['server-timing']).toEqual(timing('active', 900_000));
    const ping = await request.get('/session/ping').expect(200);
    expect(ping.body).toEqual({ state: 'anonymous', at: expect.any(Number) });
    clock.advance(3 * SECOND);
    expect((await alice.get('/session/ping').expect(200)).body).toEqual({
      state: 'active',
      idleFor: 3,
      authAge: 3,
      expiresIn: 897,
      limit: 'idle',
      extendable: true,
      idleTimeout: 900,
      absoluteTimeout: 43_200,
      idleLeft: 897,
      absoluteLeft: 43_197,
      warnBefore: 120,
      at: clock.now() / 1000,
      user: expect.any(String),
      session: expect.stringMatching(/^[\w-]+$/),
    });
    const script = await request.get('/session/client.js').expect(200);
    expect(script.text).not.toContain('{"data"');
    await alice.post('/session/end').set('X-Session-Client', '1').expect(204, '');
  });
});

describe.each<[string, AppOptions]>([
  ['caches answers by URL', { providers: [{ provide: APP_INTERCEPTOR, useClass: CacheByUrl }] }],
  ['throws', { setup: (app) => app.useGlobalInterceptors(new Failing()) }],
])('an interceptor that %s', (_what, given) => {
  test('does not run for our routes', async () => {
    const { alice, clock } = await start(given);
    expect((await alice.get('/session/ping').expect(200)).body).toMatchObject({ state: 'active', idleLeft: 900 });
    clock.advance(15 * MINUTE);
    expect((await alice.get('/session/ping').expect(200)).body).toMatchObject({ state: 'expired', reason: 'idle' });
  });
});

describe.each<[string, AppOptions]>([
  ['app.useGlobalPipes()', { setup: (app) => app.useGlobalPipes(strict) }],
  ['APP_PIPE', { providers: [{ provide: APP_PIPE, useValue: strict }] }],
])('a ValidationPipe by %s that forbids unknown properties', (_how, given) => {
  test('validates the application, and not our routes', async () => {
    const { alice, clock } = await start(given);
    await alice.get('/search?text=a').expect(200, { text: 'a' });
    await alice.get('/search?text=a&_=1').expect(400);
    clock.advance(10 * SECOND);
    const ping = (query: string) => alice.get(`/session/ping?${query}`).set('X-Session-Client', '1').expect(200);
    expect((await ping('_=1')).body).toMatchObject({ state: 'active', idleFor: 10 });
    expect((await ping('idleFor=nonsense&_=1')).body).toMatchObject({ state: 'active', idleFor: 10 });
    expect((await ping('idleFor=4&_=1')).body).toMatchObject({ state: 'active', idleFor: 4, idleLeft: 896 });
    await alice.post('/session/end?_=1').send({ unknown: 1 }).set('X-Session-Client', '1').expect(204);
  });
});
