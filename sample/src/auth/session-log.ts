import { Injectable, Logger } from '@nestjs/common';
import { SessionTimeoutService } from 'nestjs-session-timeout';

/** Logs what happens to sessions, like an audit trail. A hash of the session id names each session. */
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
