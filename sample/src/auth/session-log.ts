import { Injectable, Logger } from '@nestjs/common';
import { SessionTimeoutService } from 'nestjs-session-timeout';

/** Logs what becomes of sessions, as an audit trail would have it. Sessions are named by a hash of their id. */
@Injectable()
export class SessionLog {
  constructor(service: SessionTimeoutService) {
    const logger = new Logger('Sessions');
    service.events$.subscribe(({ type, session, user, reason }) => {
      logger.log(
        [type, reason, user && `user ${user}`, session && `session ${session.slice(0, 8)}`].filter(Boolean).join(', '),
      );
    });
  }
}
