import 'reflect-metadata';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { ManualClock } from 'nestjs-session-timeout/testing';
import { AppModule } from '../../../sample/src/app.module.js';
import { setUp } from '../../../sample/src/app.setup.js';
import { SessionPolicy } from '../../../sample/src/session-policy.js';
import { Storage } from '../../../sample/src/storage/storage.js';

/** Starts the sample with a clock that the test moves. Only in memory do timelines follow such a clock. */
export async function startSample(): Promise<{ app: NestExpressApplication; clock: ManualClock }> {
  delete process.env['REDIS_URL'];
  const clock = new ManualClock();
  const moduleRef = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(SessionPolicy)
    .useFactory({
      factory: (storage: Storage) => ({
        createSessionTimeoutOptions: () => ({ ...new SessionPolicy(storage).createSessionTimeoutOptions(), clock }),
      }),
      inject: [Storage],
    })
    .compile();
  const app = moduleRef.createNestApplication<NestExpressApplication>({ logger: false });
  setUp(app);
  await app.listen(0);
  return { app, clock };
}
