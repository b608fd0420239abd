import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { SessionTimeoutModule } from 'nestjs-session-timeout';
import { AccountModule } from './account/account.module.js';
import { AuthModule } from './auth/auth.module.js';
import { ChatModule } from './chat/chat.module.js';
import { FeedModule } from './feed/feed.module.js';
import { PagesModule } from './pages/pages.module.js';
import { SessionPolicy } from './session-policy.js';
import { StorageModule } from './storage/storage.module.js';
import { NotFoundFilter } from './views/not-found.filter.js';

@Module({
  imports: [
    StorageModule,
    SessionTimeoutModule.forRootAsync({ useClass: SessionPolicy }),
    AuthModule,
    AccountModule,
    PagesModule,
    FeedModule,
    ChatModule,
  ],
  providers: [{ provide: APP_FILTER, useClass: NotFoundFilter }],
})
export class AppModule {}
