import { html } from './html.js';
import { layout, type Visitor } from './layout.js';

export function detailsPage(visitor: Visitor, phone: string | undefined): string {
  return layout({
    title: 'My details',
    path: '/details',
    visitor,
    main: html`<h1>My details</h1>
      <p class="lead">This page asks for your password if you have not typed it for some time.</p>
      <section class="card narrow" aria-labelledby="phone-heading">
        <h2 id="phone-heading">Whom we call in an emergency</h2>
        <form method="post" action="/details">
          <label for="phone">Phone number</label>
          <input id="phone" name="phone" type="tel" value="${phone}" maxlength="30" autocomplete="off" required />
          <button>Save number</button>
        </form>
      </section>`,
  });
}
