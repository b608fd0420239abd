import { log } from '../timelines/events/log.js';

/** Logs once that express-session is missing. */
export class MissingSessionWarning {
  private isGiven = false;

  give(): void {
    if (this.isGiven) return;
    this.isGiven = true;
    log.error(
      'There is no session on the request, and no earlier request had one. Unless a module mounts ' +
        'express-session for other paths, sessions cannot end. Mount it before app.listen(): ' +
        'app.use(session({ secret, resave: false, saveUninitialized: false })).',
    );
  }
}
