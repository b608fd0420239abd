import { Controller, Get, Module, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { SessionTimeoutGuard, SessionTimeoutInterceptor, SessionTimeoutModule } from '../src/index.js';
import { HOUR, startApp, stopApps } from './support/app.js';

afterEach(stopApps);

@Module({ imports: [SessionTimeoutModule.forRoot()] })
class FeatureModule {}

describe('the module', () => {
  test('imported twice stops the boot: two ledgers would sign active people out', async () => {
    const boot = startApp({ module: [SessionTimeoutModule.forRoot(), FeatureModule] });
    await expect(boot).rejects.toThrow('Import it in the root module only');
  });

  test('lets its guard be named where only another module is known', async () => {
    @Controller()
    @UseGuards(SessionTimeoutGuard)
    @UseInterceptors(SessionTimeoutInterceptor)
    class FeatureController {
      @Get('feature')
      feature() {
        return {};
      }
    }

    @Module({ controllers: [FeatureController] })
    class Feature {}

    const { signedIn, clock } = await startApp({ imports: [Feature] });
    const browser = await signedIn();
    await browser.get('/feature').expect(200);
    clock.advance(HOUR);
    await browser.get('/feature').expect(401);
  });

  test('puts no interceptor on routes that are no streams: each request would pay for it', async () => {
    const { app } = await startApp();
    expect(app.get(ApplicationConfig).getGlobalInterceptors()).toEqual([]);
  });

  test('one and the same in two places is one', async () => {
    const timeouts = SessionTimeoutModule.forRoot();

    @Module({ imports: [timeouts] })
    class Feature {}

    await startApp({ module: [timeouts, Feature] });
  });
});
