import type { SessionStatus } from 'nestjs-session-timeout';
import { html, type Html } from './html.js';

/** The time that the session has left, when the server made the page. `time-left.js` keeps it up to date. */
export function timeLeft(status: SessionStatus): Html | undefined {
  if (status.state !== 'active' && status.state !== 'warning') return undefined;
  const { expiresIn, idleTimeout, absoluteLeft, warnBefore } = status;
  return html`<section
    class="time-left"
    id="time-left"
    aria-label="Time left"
    data-expires-in="${expiresIn}"
    data-absolute-left="${absoluteLeft}"
    data-warn-before="${warnBefore}"
  >
    <p role="timer">
      Without activity you are signed out in <strong data-left>${clockFace(expiresIn)}</strong>
      ${
        absoluteLeft !== null &&
        html`<span class="latest">· at the latest in <span data-latest>${clockFace(absoluteLeft)}</span></span>`
      }
    </p>
    <progress max="${idleTimeout ?? expiresIn}" value="${expiresIn}" aria-hidden="true"></progress>
  </section>`;
}

/** `65000` -> `1:05`. */
function clockFace(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
