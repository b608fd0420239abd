import { Module } from '@nestjs/common';
import { SessionTimeoutModule } from 'nestjs-session-timeout';
import { AuthModule } from './auth/auth.module.js';
import { FeedModule } from './feed/feed.module.js';
import { PagesModule } from './pages/pages.module.js';
import { SessionPolicy } from './session-policy.js';
import { StorageModule } from './storage/storage.module.js';

@Module({
  imports: [
    StorageModule,
    SessionTimeoutModule.forRootAsync({ useClass: SessionPolicy }),
    AuthModule,
    PagesModule,
    FeedModule,
  ],
})
export class AppModule {}
