import { html } from './html.js';
import { layout, type Visitor } from './layout.js';

export function visitorsPage(visitor: Visitor): string {
  const { status } = visitor;
  return layout({
    title: 'Visitors',
    path: '/visitors',
    visitor,
    main: html`<h1>Visiting the harbour</h1>
      <p class="lead">For everybody who comes by land or by sea.</p>
      ${status.state === 'expired' && html`<p class="notice" role="status">${status.message}</p>`}
      <div class="columns">
        <section class="card" aria-labelledby="hours">
          <h2 id="hours">Opening hours</h2>
          <dl>
            <dt>Harbour office</dt>
            <dd>Monday to Friday, 8:00–16:30</dd>
            <dt>Pilot station</dt>
            <dd>Day and night</dd>
            <dt>Lighthouse</dt>
            <dd>Sundays in summer, 11:00–17:00</dd>
          </dl>
        </section>
        <section class="card" aria-labelledby="rules">
          <h2 id="rules">On the quay</h2>
          <p>Keep behind the yellow line while a ship is moored. Children hold a hand. Gulls are not to be fed.</p>
          <p>Dogs are welcome on a lead, bicycles on foot.</p>
        </section>
      </div>`,
  });
}
