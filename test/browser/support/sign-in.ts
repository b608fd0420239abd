import { Body, Controller, Get, Post, Query, Redirect, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { AllowExpired, safeReturnTo } from '../../../src/index.js';
import { regenerated } from '../../support/session-calls.js';
import { visit, type Visitor } from './browser.js';
import { html } from './html.js';
import { isReadable, SECOND, until } from './page.js';
import { openSite, type Site, type SiteOptions } from './site.js';

/** The tag that starts the client and keeps pages whose session has ended. */
export const STAY = '<script type="module" src="/session/client.js" data-when-ended="sign-in-here"></script>';

/** A login page with a form, as an application would write it. */
@Controller('sign-in')
@AllowExpired()
export class SignInController {
  @Get()
  form(@Query('returnTo') returnTo = '/page') {
    const body = `<form method="post" action="/sign-in"><label>User <input name="user"></label>
      <input type="hidden" name="returnTo" value="${encodeURI(returnTo)}"><button>Continue</button></form>`;
    return html({ heading: 'Sign in', body });
  }

  @Post()
  @Redirect()
  async signIn(@Req() req: Request, @Body() form: { user: string; returnTo: string }) {
    await regenerated(req.session);
    req.session.user = form.user;
    return { url: safeReturnTo(form.returnTo), statusCode: 303 };
  }
}

/** A site whose pages stay when their session has ended. */
export function openStayingSite({ page, options, controllers = [], ...given }: SiteOptions = {}): Promise<Site> {
  return openSite({
    ...given,
    page: { script: STAY, ...page },
    options: { redirectTo: '/sign-in', ...options },
    controllers: [SignInController, ...controllers],
  });
}

/**
 * Somebody who has typed something on a page and then been away until the session had ended.
 *
 * @param later how long the dialog has been open. Its buttons do nothing in the first half second
 * @param title that of the dialog
 */
export async function awayTooLong(
  given: SiteOptions & { readonly path?: string } = {},
  context: BrowserContextOptions & { user?: string } = {},
  later = SECOND,
  title?: string,
): Promise<{ site: Site; visitor: Visitor; page: Page }> {
  const site = await openStayingSite(given);
  const visitor = await visit(site, context);
  visitor.context.setDefaultTimeout(10 * SECOND);
  const page = await visitor.open(given.path);
  await page.getByLabel('Note').fill('half a letter');
  await visitor.pass(64 * SECOND, { step: 4 * SECOND });
  await ended(page, title).waitFor();
  await visitor.pass(later);
  return { site, visitor, page };
}

/** Presses "Sign in" and returns the window that opens. */
export async function openLogin(page: Page, name = 'Sign in'): Promise<Page> {
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.getByRole('button', { name }).click()]);
  await popup.waitForLoadState();
  return popup;
}

/** Signs in, in a login page. */
export async function signInAt(login: Page, user: string): Promise<void> {
  await login.getByLabel('User').fill(user);
  await login.getByRole('button', { name: 'Continue' }).click();
}

/** The dialog that offers to sign in. */
export const ended = (page: Page, title = 'Your session has ended') => page.getByRole('alertdialog', { name: title });

/** Waits until the private part of a page can be read. */
export const backAt = (page: Page): Promise<void> => until(() => isReadable(page));

/** Has a page ask, as it does when the user comes back to it: some time after its last question, on its clock. */
export const lookAt = (page: Page): Promise<boolean> => page.evaluate(() => dispatchEvent(new Event('focus')));
