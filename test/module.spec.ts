import { Module } from '@nestjs/common';
import { SessionTimeoutModule } from '../src/index.js';
import { startApp, stopApps } from './support/app.js';

afterEach(stopApps);

@Module({ imports: [SessionTimeoutModule.forRoot()] })
class FeatureModule {}

describe('the module', () => {
  test('imported twice stops the boot: two ledgers would sign active people out', async () => {
    const boot = startApp({ module: [SessionTimeoutModule.forRoot(), FeatureModule] });
    await expect(boot).rejects.toThrow('Import it in the root module only');
  });

  test('one and the same in two places is one', async () => {
    const timeouts = SessionTimeoutModule.forRoot();

    @Module({ imports: [timeouts] })
    class Feature {}

    await startApp({ module: [timeouts, Feature] });
  });
});
