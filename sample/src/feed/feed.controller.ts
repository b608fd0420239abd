import { Controller, Get, type MessageEvent, Sse } from '@nestjs/common';
import { PassiveRoute } from 'nestjs-session-timeout';
import { map, type Observable, timer } from 'rxjs';
import { type Entry, FeedService } from './feed.service.js';

/** Data that pages fetch by themselves, so it is not activity. */
@PassiveRoute()
@Controller()
export class FeedController {
  constructor(private readonly feed: FeedService) {}

  @Get('feed')
  latest(): Entry[] {
    return this.feed.latest();
  }

  @Sse('live')
  waterLevel(): Observable<MessageEvent> {
    return timer(0, 1000).pipe(map(() => ({ data: { level: this.feed.waterLevel() } })));
  }
}
