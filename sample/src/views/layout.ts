import cluster from 'node:cluster';
import type { SessionStatus } from 'nestjs-session-timeout';
import type { User } from '../auth/user.js';
import { html, type Html } from './html.js';
import { timeLeft } from './time-left.view.js';

/** Who views a page, and the status of their session. */
export interface Visitor {
  readonly user: User | undefined;
  readonly status: SessionStatus;
}

export interface Page {
  readonly title: string;
  /** The path of the page, to mark it in the navigation. */
  readonly path: string;
  readonly visitor?: Visitor;
  readonly main: Html;
  /** Scripts from `sample/public`. */
  readonly scripts?: readonly string[];
  /** Whether users can sign in again without leaving the page, so that they lose nothing they have typed. */
  readonly staysWhenEnded?: boolean;
}

/** A whole page. */
export function layout({ title, path, visitor, main, scripts = [], staysWhenEnded }: Page): string {
  const { user, status } = visitor ?? {};
  const strip = status && timeLeft(status);
  const link = (to: string, text: string) =>
    html`<a href="${to}" ${to === path && html`aria-current="page"`}>${text}</a>`;

  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Tidewater</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/style.css" />
        <script
          type="module"
          src="/session/client.js"
          ${staysWhenEnded && html`data-when-ended="sign-in-here"`}
        ></script>
        ${[...(strip ? ['time-left.js'] : []), ...scripts].map((name) => html`<script type="module" src="/assets/${name}"></script>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="bar">
          <a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="28" height="28" />Tidewater</a>
          <nav aria-label="Pages">
            ${link('/', 'Today')} ${user && [link('/details', 'Details'), link('/devices', 'Devices')]}
            ${link('/visitors', 'Visitors')}
          </nav>
          ${user ? account(user) : path !== '/login' && html`<a class="button quiet" href="/login?${new URLSearchParams({ returnTo: path })}">Sign in</a>`}
        </header>
        ${strip}
        <main id="main" tabindex="-1">${main}</main>
        <footer>Tidewater harbour office${cluster.worker && ` · answered by instance ${cluster.worker.id}`}</footer>
      </body>
    </html>`.toString();
}

function account(user: User): Html {
  return html`<form class="account" method="post" action="/logout">
    <span><strong>${user.name}</strong><small>${user.role}</small></span>
    <button class="quiet">Sign out</button>
  </form>`;
}
