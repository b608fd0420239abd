import { html } from './html.js';
import { layout, type Visitor } from './layout.js';

export interface ConfirmForm {
  /** What went wrong. */
  readonly notice?: string;
  /** A path that has been checked. */
  readonly returnTo: string;
}

export function confirmPage(visitor: Visitor, { notice, returnTo }: ConfirmForm): string {
  const { user } = visitor;
  return layout({
    title: 'Confirm it is you',
    path: '/confirm',
    visitor,
    main: html`<div class="login">
      ${notice && html`<p class="notice" role="alert">${notice}</p>`}
      <section class="card" aria-labelledby="heading">
        <h1 id="heading">Confirm it is you</h1>
        <p class="lead">You are signed in as ${user?.name}. Type your password to go on.</p>
        <form method="post" action="/confirm">
          <input type="hidden" name="returnTo" value="${returnTo}" />
          <label for="password">Password</label>
          <input id="password" name="password" type="password" autocomplete="current-password" required autofocus />
          <button>Confirm</button>
        </form>
      </section>
    </div>`,
  });
}
