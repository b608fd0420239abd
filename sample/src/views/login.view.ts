import { demoPasswords } from '../auth/user.js';
import { html } from './html.js';
import { layout } from './layout.js';

export interface LoginForm {
  /** Why the visitor is here, or what went wrong. */
  readonly notice?: string | undefined;
  /** Whether the notice is expected, as after signing out. Screen readers then announce it politely. */
  readonly polite?: boolean;
  readonly username?: string;
  /** A path that has been checked. */
  readonly returnTo: string;
}

export function loginPage({ notice, polite = false, username = '', returnTo }: LoginForm): string {
  return layout({
    title: 'Sign in',
    path: '/login',
    main: html`<div class="login">
      ${notice && html`<p class="notice ${polite && 'polite'}" role="${polite ? 'status' : 'alert'}">${notice}</p>`}
      <section class="card" aria-labelledby="heading">
        <h1 id="heading">Sign in</h1>
        <p class="lead">The intranet of the Tidewater harbour office.</p>
        <form method="post" action="/login">
          <input type="hidden" name="returnTo" value="${returnTo}" />
          <label for="username">User name</label>
          <input
            id="username"
            name="username"
            value="${username}"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            required
            ${!username && html`autofocus`}
          />
          <label for="password">Password</label>
          <input
            id="password"
            name="password"
            type="password"
            autocomplete="current-password"
            required
            ${username && html`autofocus`}
          />
          <button>Sign in</button>
        </form>
      </section>
      <aside class="demo" aria-labelledby="demo">
        <h2 id="demo">Sign in as one of these users to try it out</h2>
        <table>
          <thead>
            <tr>
              <th scope="col">User name</th>
              <th scope="col">Password</th>
            </tr>
          </thead>
          <tbody>
            ${Object.entries(demoPasswords).map(
              ([id, password]) =>
                html`<tr>
                  <td><code>${id}</code></td>
                  <td><code>${password}</code></td>
                </tr>`,
            )}
          </tbody>
        </table>
      </aside>
    </div>`,
  });
}
