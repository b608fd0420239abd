import { Controller, Get, Header, HttpCode, Post, Query, Redirect, Req, Res } from '@nestjs/common';
import type { BrowserContext, Page } from 'playwright-core';
import type { Request, Response } from 'express';
import { visit, type Visitor } from '../../support/browser.js';
import { AUTO } from '../../support/html.js';
import { Gate } from '../../../support/gate.js';
import { atLogin, SECOND, until } from '../../support/page.js';
import { openSite, type Site, type SiteOptions } from '../../support/site.js';

/** 32 characters and more. */
export const SECRET = 'a secret of the tests, and of nobody else';

/** Where forms of these tests lead. */
@Controller()
class SavesController {
  readonly saved: string[] = [];

  @Post('save')
  save(@Query('status') status = '201', @Res({ passthrough: true }) res: Response) {
    res.status(Number(status));
    return {};
  }

  @Post('send')
  @Redirect('/page', 303)
  send() {}

  @Post('refuse')
  @HttpCode(422)
  @Header('Content-Type', 'text/html')
  refuse(@Req() _req: Request) {
    return `${AUTO}<form id="letter"><textarea name="text"></textarea></form>`;
  }

  @Get('elsewhere')
  @Header('Content-Type', 'text/html')
  elsewhere() {
    return AUTO;
  }
}

export const LETTER = `<form id="letter" method="post" action="/send">
  <textarea name="text" aria-label="Text"></textarea><button>Send</button></form>`;

export interface Writer {
  readonly site: Site;
  readonly visitor: Visitor;
  readonly page: Page;
}

/** Opens a page with `body` for somebody at a site that keeps drafts. */
export async function openWith(body = LETTER, given: SiteOptions = {}): Promise<Writer> {
  const site = await openSite({
    ...given,
    options: { drafts: { secret: SECRET }, ...given.options },
    page: { body, script: AUTO, ...given.page },
    controllers: [SavesController, ...(given.controllers ?? [])],
  });
  const visitor = await visit(site);
  const page = await visitor.open();
  if (!site.realTime) await visitor.pass(SECOND, { step: 500 });
  return { site, visitor, page };
}

/** Types into a field, and lets a second pass. */
export async function type({ visitor, page }: Writer, selector: string, text: string): Promise<void> {
  await page.locator(selector).pressSequentially(text);
  await visitor.pass(SECOND, { step: 250 });
}

/** Lets the session end without activity; the page has gone to the login page. */
export async function timeOut({ visitor, page }: Writer): Promise<void> {
  await visitor.pass(62 * SECOND, { step: 2 * SECOND });
  await atLogin(page);
}

/** Signs in again, and opens a page in the same tab. */
export async function comeBack(writer: Writer, { user = 'alice', path = '/page' } = {}): Promise<Page> {
  await writer.visitor.signIn(user);
  await writer.page.goto(writer.site.origin + path);
  await settle(writer.visitor);
  return writer.page;
}

/** Lets what is kept be filled in. */
export async function settle(visitor: Visitor): Promise<void> {
  await visitor.settle();
  await visitor.pass(3 * SECOND, { step: 500 });
}

export const notice = (page: Page) => page.locator('html > div[data-session-action]');

/** Lets time pass until the notice offers the text. How much it takes depends on how quickly the part is loaded. */
export async function offered({ visitor, page }: Writer): Promise<void> {
  await until(async () => {
    await visitor.pass(SECOND, { step: 500 });
    return notice(page).getByText('Use my text').isVisible();
  });
}

/** Holds back what a page asks for under addresses like this one, until the gate is open. */
export async function holdBack(page: Page, address: string): Promise<Gate> {
  const gate = new Gate();
  await page.route(address, async (route) => {
    await gate.pass();
    await route.continue();
  });
  return gate;
}

/** All that is in the storages of a browser, as one text. */
export async function everythingStored(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const found: unknown[] = [{ ...localStorage }, { ...sessionStorage }, history.state, document.cookie, name];
    for (const { name } of await indexedDB.databases()) found.push(name);
    for (const key of await caches.keys()) {
      const cache = await caches.open(key);
      for (const request of await cache.keys()) found.push(request.url, await (await cache.match(request))!.text());
    }
    return JSON.stringify(found);
  });
}

/** The encrypted drafts in the storage of a browser. */
export async function kept(page: Page): Promise<string[]> {
  return page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith('session-draft:')));
}

export const contextOf = ({ visitor }: Writer): BrowserContext => visitor.context;
