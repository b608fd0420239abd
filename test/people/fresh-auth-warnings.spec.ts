import { Controller, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { RequireFreshAuth, type SessionTimeoutOptions } from '../../src/index.js';
import { PagesController, SECOND, startApp, stopApps } from '../support/app.js';
import { collector } from '../support/logs.js';

afterEach(stopApps);

@Controller()
class AccountController {
  @Post('password')
  @RequireFreshAuth('5m')
  change() {
    return {};
  }

  /** Five minutes were meant. */
  @Post('address')
  @RequireFreshAuth(300)
  move() {
    return {};
  }

  @Post('confirm')
  confirm(@Req() req: Request) {
    req.session['provedAt'] = new Date();
    return {};
  }
}

async function start(options: SessionTimeoutOptions) {
  const logs: string[] = [];
  const controllers = [PagesController, AccountController];
  const { signedIn, clock } = await startApp({ options, controllers, logger: collector(logs) });
  const browser = await signedIn();
  clock.advance(SECOND);
  return { browser, warnings: (text: string) => logs.filter((line) => line.includes(text)) };
}

test('a maximum age that looks like seconds is warned of once, when it refuses somebody', async () => {
  const { browser, warnings } = await start({});
  await browser.post('/password').expect(201);
  for (let i = 0; i < 2; i += 1) await browser.post('/address').expect(403);
  expect(warnings('@RequireFreshAuth')).toEqual([
    '@RequireFreshAuth(300): 300 means 0.3 s, because numbers are milliseconds. If you mean 300 seconds, ' +
      "write @RequireFreshAuth('5m').",
  ]);
});

test('a date that has become text in the store is warned of once', async () => {
  const { browser, warnings } = await start({ authenticatedAt: (session) => session['provedAt'] as Date | undefined });
  await browser.post('/confirm').expect(201);
  expect(warnings('authenticatedAt')).toEqual([]);
  for (let i = 0; i < 2; i += 1) await browser.post('/password').expect(403);
  expect(warnings('authenticatedAt')).toEqual([
    expect.stringMatching(
      /^authenticatedAt has returned "20\S+Z" instead of a date, which counts as never\. .* new Date/,
    ),
  ]);
});

test('a page for authenticating again that leads nowhere is warned of once', async () => {
  const { browser, warnings } = await start({ reauthenticateAt: () => 'confirm' });
  for (let i = 0; i < 2; i += 1) {
    const { body } = await browser.post('/address').expect(403);
    expect(body).not.toHaveProperty('loginUrl');
  }
  expect(warnings('reauthenticateAt')).toEqual([
    'For a request, reauthenticateAt has returned "confirm", which leads nowhere: it is neither a path of this site ' +
      'nor a complete http(s) URL. Return a path that begins with one /.',
  ]);
});
