import type { SessionInfo } from 'nestjs-session-timeout';
import { html, type Html } from './html.js';
import { layout, type Visitor } from './layout.js';

export function devicesPage(visitor: Visitor, sessions: readonly SessionInfo[], max: number): string {
  return layout({
    title: 'Your devices',
    path: '/devices',
    visitor,
    scripts: ['devices.js'],
    main: html`<h1>Your devices</h1>
      <p class="lead">
        You are signed in on ${sessions.length} of ${max} devices. On one more, the device that was not used for the
        longest time is signed out.
      </p>
      <section class="card" aria-labelledby="devices">
        <div class="head">
          <h2 id="devices">Where you are signed in</h2>
          ${sessions.length > 1 && html`<button class="quiet" data-end="all">Sign out all others</button>`}
        </div>
        <p class="state" id="devices-state" role="status"></p>
        <ul class="list devices">
          ${sessions.toSorted((a, b) => Number(b.current) - Number(a.current) || a.idleFor - b.idleFor).map(device)}
        </ul>
      </section>`,
  });
}

function device({ id, current, age, idleFor, device = {} }: SessionInfo): Html {
  const name = [device.browser ?? 'A browser', device.system && `on ${device.system}`].filter(Boolean).join(' ');
  return html`<li ${current && html`class="current"`}>
    <p>
      <strong>${name}</strong>
      <small> ${current ? 'This device' : html`Last used ${ago(idleFor)}`} · signed in ${ago(age)} </small>
    </p>
    ${!current && html`<button class="quiet" data-end="${id}" aria-label="Sign out ${name}">Sign out</button>`}
  </li>`;
}

const relative = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' });

/** `65000` -> `1 minute ago`. */
function ago(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  return minutes === 0 ? 'just now' : relative.format(-minutes, 'minute');
}
