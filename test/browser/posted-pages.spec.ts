import { Controller, Get, Header, HttpCode, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { AllowExpired } from '../../src/index.js';
import { visit } from './support/browser.js';
import { AUTO } from './support/html.js';
import { isReadable, SECOND } from './support/page.js';
import { openSite, type SiteOptions, status } from './support/site.js';

/** A form whose answer is a page, and not a redirect. */
@Controller()
@AllowExpired()
class OrderController {
  static orders: unknown[] = [];

  @Get('form')
  @Header('Content-Type', 'text/html')
  form() {
    return `<title>Order</title>${AUTO}<form method="post" action="/order"><button>Order</button></form>`;
  }

  @Post('order')
  @HttpCode(200)
  @Header('Content-Type', 'text/html')
  order(@Req() { session }: Request) {
    OrderController.orders.push(session.user);
    return `<title>Ordered</title>${AUTO}<p id="secret">You have ordered.</p>`;
  }

  @Get('order')
  @Header('Content-Type', 'text/html')
  again() {
    return `<title>Orders</title>${AUTO}<p>Your orders</p>`;
  }
}

async function order(options: SiteOptions['options'] = {}) {
  OrderController.orders = [];
  const site = await openSite({ controllers: [OrderController], options });
  const visitor = await visit(site);
  const page = await visitor.open('/form');
  await page.getByRole('button').click();
  await page.waitForURL(/order/);
  await page.waitForLoadState();
  await visitor.settle();
  return { site, visitor, page };
}

describe('a form is not sent again', () => {
  test('for another user, when the page becomes a page of that user', async () => {
    const { visitor, page } = await order();
    await visitor.signIn('bob');
    await visitor.pass(2 * SECOND);
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await visitor.pass(3 * SECOND, { step: 500 });
    await page.getByText('Your orders').waitFor();
    expect(OrderController.orders).toEqual(['alice']);
  });

  test('at the end of a session without a login page', async () => {
    const { visitor, page } = await order({ redirectTo: undefined });
    await visitor.pass(64 * SECOND, { step: 2 * SECOND });
    await page.getByText('Your orders').waitFor();
    expect(OrderController.orders).toEqual(['alice']);
  });

  test('by "Sign in" on the cover', async () => {
    const { site, visitor, page } = await order();
    site.onPing = status(503);
    await visitor.pass(62 * SECOND, { step: 2 * SECOND });
    expect(await isReadable(page)).toBe(false);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Your orders').waitFor();
    expect(OrderController.orders).toEqual(['alice']);
  });
});
