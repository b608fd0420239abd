import type { Note } from '../storage/notebook.js';
import { html, type Html } from './html.js';
import { layout, type Visitor } from './layout.js';

export function dashboardPage(visitor: Visitor, notes: readonly Note[]): string {
  return layout({
    title: 'Today',
    path: '/',
    visitor,
    scripts: ['feed.js', 'live.js', 'chat.js'],
    staysWhenEnded: true,
    main: html`<h1>Good to see you, ${visitor.user?.name.split(' ')[0]}</h1>
      <p class="lead">${day.format(Date.now())}</p>
      <div class="columns">
        <section class="card notes" aria-labelledby="notes">
          <h2 id="notes">My notes</h2>
          <form method="post" action="/notes">
            <label for="text">New note</label>
            <textarea id="text" name="text" rows="4" maxlength="2000" required></textarea>
            <button>Save note</button>
          </form>
          ${
            notes.length === 0
              ? html`<p class="empty">No notes yet.</p>`
              : html`<ol class="list">
                  ${notes.map(noteItem)}
                </ol>`
          }
        </section>
        <div class="stack">
          <section class="card" aria-labelledby="tide">
            <div class="head">
              <h2 id="tide">Water at the pilot pier</h2>
              <p class="state" id="live-state" role="status">Connecting…</p>
            </div>
            <p class="figure"><output id="level">–</output> m</p>
            <meter id="gauge" min="0" max="4" value="0" aria-labelledby="tide"></meter>
          </section>
          <section class="card" aria-labelledby="log">
            <div class="head">
              <h2 id="log">Quay log</h2>
              <p class="state" id="feed-state">Loading…</p>
            </div>
            <ol class="list" id="feed"></ol>
          </section>
          <section class="card" aria-labelledby="office">
            <div class="head">
              <h2 id="office">Harbour office</h2>
              <p class="state" id="chat-state" role="status">Connecting…</p>
            </div>
            <form id="chat-form">
              <label for="said">Message</label>
              <input id="said" name="said" maxlength="500" autocomplete="off" required />
              <button>Send</button>
            </form>
            <ol class="list" id="chat" aria-live="polite"></ol>
          </section>
        </div>
      </div>`,
  });
}

const day = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
const time = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

function noteItem({ text, writtenAt }: Note): Html {
  return html`<li>
    <time datetime="${new Date(writtenAt).toISOString()}">${time.format(writtenAt)}</time>
    <p>${text}</p>
  </li>`;
}
