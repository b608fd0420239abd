import fc from 'fast-check';
import { type DraftBook, draftBook } from '../../../src/client/drafts/draft-book.js';
import { tabOf } from '../../../src/client/drafts/tab-locks.js';

const PAGES = ['/a', '/b'];
const FORMS = ['one', 'two'];
const KEYS = ['x', 'y'];

/** A field of an open page. */
interface Place {
  content: string;
  readonly initial: string;
}

interface Tab {
  readonly page: string;
  readonly book: DraftBook;
  readonly places: Map<string, Place>;
  /** What fields contained before somebody typed into them, or before they were filled in. */
  readonly bases: Map<string, string>;
  actedAt: number;
}

type Stored = readonly [key: string, was: string, typed: string][];
type Op =
  | { do: 'open'; page: number }
  | { do: 'type'; tab: number; form: number; key: number }
  | { do: 'empty'; tab: number; form: number; key: number }
  | { do: 'server'; page: number; form: number; key: number; clears: boolean }
  | { do: 'send'; tab: number; form: number; accepted: boolean }
  | { do: 'close' | 'look' | 'use' | 'discard' | 'redraw'; tab: number }
  | { do: 'end' }
  | { do: 'sign-out' };

/** Pages, tabs and the storage of one browser, and what is known of each text that somebody has typed. */
class World {
  readonly storage = new Map<string, { page: string; form: string; fields: Stored; at: number }>();
  readonly server = new Map<string, string>();
  /** Texts that must be somewhere, and those that must not come back. */
  readonly owed = new Map<string, { page: string; form: string; key: string }>();
  readonly gone = new Set<string>();
  /** What a field contained before a text was typed into it, or before the user chose that text. */
  readonly before = new Map<string, string>();
  isAsked = false;
  tabs: Tab[] = [];
  at = 1;
  texts = 0;
  names = 0;

  run(op: Op): void {
    this.at += 600;
    if (op.do === 'open') return this.open(PAGES[op.page]!);
    if (op.do === 'end') return void (this.tabs = []);
    if (op.do === 'sign-out') {
      this.tabs = [];
      this.storage.clear();
      for (const text of this.owed.keys()) this.lose(text);
      return;
    }
    if (op.do === 'server') {
      this.server.set(
        this.id(PAGES[op.page]!, FORMS[op.form]!, KEYS[op.key]!),
        op.clears ? '' : `server ${++this.texts}`,
      );
      return;
    }
    const tab = this.tabs[op.tab % Math.max(1, this.tabs.length)];
    if (!tab) return;
    if (op.do === 'type') this.type(tab, FORMS[op.form]!, KEYS[op.key]!, `text ${++this.texts}`);
    else if (op.do === 'empty') this.type(tab, FORMS[op.form]!, KEYS[op.key]!, '');
    else if (op.do === 'send') this.send(tab, FORMS[op.form]!, op.accepted);
    else if (op.do === 'close') this.tabs = this.tabs.filter((one) => one !== tab);
    else if (op.do === 'redraw') {
      for (const [id, place] of tab.places) tab.places.set(id, { ...place, content: place.initial });
      tab.bases.clear();
    } else if (op.do === 'use') {
      const before = new Map([...tab.places].map(([id, { content }]) => [id, content]));
      this.isAsked = true;
      tab.book.use(tab.page, this.at, this.find(tab));
      this.isAsked = false;
      // The user has chosen between two texts.
      for (const [id, { content }] of tab.places) {
        if (before.get(id) === content) continue;
        this.lose(before.get(id)!);
      }
    } else if (op.do === 'discard') {
      const offered = [...tab.book.drafts].flatMap(({ page, fields }) =>
        page === tab.page ? [...fields.values()].filter(({ place, filledAt }) => !place || filledAt) : [],
      );
      this.isAsked = true;
      tab.book.discard(tab.page, this.find(tab));
      this.isAsked = false;
      // What somebody has typed here stays, and so does the content before it.
      for (const [id, place] of tab.places) if (!this.isTyped(tab, id, place)) tab.bases.delete(id);
      for (const { typed } of offered) this.lose(typed);
    }
    this.look(tab);
  }

  private open(page: string): void {
    const places = new Map<string, Place>();
    const bases = new Map<string, string>();
    for (const form of FORMS) {
      for (const key of KEYS) {
        const initial = this.server.get(this.id(page, form, key)) ?? '';
        places.set(`${form} ${key}`, { content: initial, initial });
      }
    }
    const id = ++this.names;
    let count = 0;
    const book = draftBook({
      newName: () => `${id}.${count++}`,
      fill: (place, content) => {
        expect(this.gone.has(content)).toBe(false);
        const field = place as unknown as Place;
        // Many fields are emptied, and each other content is typed once. Nothing is overwritten in an empty field.
        const mayFill = this.isAsked || field.content === '';
        if (!mayFill && content !== '') expect(field.content).toBe(this.before.get(content));
        const [id = ''] = [...places].find(([, one]) => one === field)!;
        if (mayFill) this.before.set(content, field.content);
        bases.set(id, field.content);
        field.content = content;
        return true;
      },
      changed: ({ name, page, form, fields }) => {
        const stored = [...fields].map(([key, { was, typed }]) => [key, was, typed] as const);
        if (fields.size > 0) this.storage.set(name, { page, form, fields: stored as never, at: this.at });
        else this.storage.delete(name);
      },
    });
    const tab = { page, book, places, bases, actedAt: 0, id };
    this.tabs.push(tab);
    const orphans = [...this.storage].filter(
      ([name]) => !this.tabs.some((one) => name.startsWith(`${(one as typeof tab).id}.`)),
    );
    const expected = FORMS.flatMap((form) => {
      const ofForm = orphans.filter(([, draft]) => draft.page === page && draft.form === form);
      const [last] = ofForm.toSorted(([, a], [, b]) => b.at - a.at);
      const ofTab = ofForm.filter(([name]) => last && tabOf(name) === tabOf(last[0]));
      return ofTab.flatMap(([, { fields }]) => fields.map(([, , typed]) => typed));
    });
    const takenFrom: Record<string, string> = {};
    for (const [name, { page: itsPage, form, fields }] of orphans.toSorted(([, a], [, b]) => b.at - a.at)) {
      const from = tabOf(name);
      if (itsPage !== page || (takenFrom[form] ??= from) !== from) continue;
      const own = `${id}.${count++}`;
      this.storage.set(own, this.storage.get(name)!);
      this.storage.delete(name);
      const copied = fields.map(([key, was, typed]) => [key, { was, typed }] as const);
      book.adopt({ name: own, page, form, fields: new Map(copied) });
    }
    this.look(tab);
    this.at += 2500;
    this.look(tab);
    // All that the tab that was used last has kept of a form is filled in or offered.
    const offered = new Set([...book.drafts].flatMap(({ fields }) => [...fields.values()].map(({ typed }) => typed)));
    expect(expected.filter((text) => this.owed.has(text) && !offered.has(text))).toEqual([]);
  }

  private type(tab: Tab, form: string, key: string, text: string): void {
    const place = tab.places.get(`${form} ${key}`)!;
    const before = place.content;
    this.lose(before);
    place.content = text;
    tab.actedAt = this.at;
    const base = tab.bases.get(`${form} ${key}`) ?? before;
    tab.bases.set(`${form} ${key}`, base);
    this.before.set(text, base);
    if (text) this.owed.set(text, { page: tab.page, form, key });
    tab.book.typed(tab.page, form, key, place as never, before, text);
  }

  /** The page is left for the answer; in a single-page application it would stay. */
  private send(tab: Tab, form: string, accepted: boolean): void {
    const contents = new Map(
      [...tab.places].flatMap(([id, place]) => (id.startsWith(form) ? [[place, place.content] as const] : [])),
    );
    if (accepted) {
      tab.book.sent(contents as never);
      for (const text of contents.values()) this.lose(text);
    }
    this.tabs = this.tabs.filter((one) => one !== tab);
    this.open(tab.page);
  }

  /** A text is not kept any more: it was sent, thrown away or typed over. */
  private lose(text: string): void {
    this.owed.delete(text);
    if (text.startsWith('text')) this.gone.add(text);
  }

  private isTyped(tab: Tab, id: string, place: Place): boolean {
    return [...tab.book.drafts].some(
      ({ page, form, fields }) =>
        page === tab.page && [...fields].some(([key, field]) => `${form} ${key}` === id && isSame(field.place, place)),
    );
  }

  private look(tab: Tab): void {
    if (this.tabs.includes(tab)) tab.book.look(tab.page, this.at, tab.actedAt, this.find(tab));
  }

  private find(tab: Tab) {
    return (form: string, key: string, before: unknown) => {
      const isThere = [...tab.places.values()].includes(before as Place);
      const place = isThere ? (before as Place) : tab.places.get(`${form} ${key}`)!;
      return { place: place as never, content: place.content, initial: place.initial };
    };
  }

  private id(page: string, form: string, key: string): string {
    return `${page} ${form} ${key}`;
  }

  check(): void {
    const shown = this.tabs.flatMap(({ places }) => [...places.values()].map(({ content }) => content));
    const stored = [...this.storage.values()].flatMap(({ fields }) => fields.map(([, , typed]) => typed));
    const present = new Set([...shown, ...stored]);
    expect([...this.owed.keys()].filter((text) => !present.has(text))).toEqual([]);
    expect(stored.filter((text) => this.gone.has(text))).toEqual([]);
  }
}

const isSame = (one: unknown, other: unknown): boolean => one === other;

const index = (most: number) => fc.nat({ max: most - 1 });
const tab = index(4);
const form = index(FORMS.length);
const key = index(KEYS.length);
const page = index(PAGES.length);
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('open' as const), page }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('type' as const), tab, form, key }) },
  fc.record({ do: fc.constant('empty' as const), tab, form, key }),
  fc.record({ do: fc.constant('server' as const), page, form, key, clears: fc.boolean() }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('send' as const), tab, form, accepted: fc.boolean() }) },
  fc.record({
    do: fc.constantFrom('close' as const, 'look' as const, 'use' as const, 'discard' as const, 'redraw' as const),
    tab,
  }),
  fc.record({ do: fc.constant('end' as const) }),
  fc.record({ do: fc.constant('sign-out' as const) }),
);

/** Somebody empties a field instead of saying which of two contents they want. The choice stays theirs. */
const DECIDED_BY_HAND: Op[] = [
  { do: 'type', tab: 0, form: 0, key: 0 },
  { do: 'server', page: 0, form: 0, key: 0, clears: false },
  { do: 'end' },
  { do: 'open', page: 0 },
  { do: 'empty', tab: 0, form: 0, key: 0 },
  { do: 'send', tab: 0, form: 0, accepted: false },
  { do: 'open', page: 0 },
];

/** Throwing drafts away leaves what was typed on this page. Its draft still knows the content before it. */
const EMPTIED_BY_HAND: Op[] = [
  { do: 'server', page: 0, form: 1, key: 0, clears: false },
  { do: 'end' },
  { do: 'open', page: 0 },
  { do: 'empty', tab: 0, form: 1, key: 0 },
  { do: 'discard', tab: 0 },
  { do: 'type', tab: 0, form: 1, key: 0 },
  { do: 'end' },
  { do: 'open', page: 0 },
];

test('nothing typed is lost, and nothing sent or thrown away comes back, whatever happens in which order', () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 40, size: 'max' }), (ops) => {
      const world = new World();
      world.run({ do: 'open', page: 0 });
      for (const op of ops) {
        world.run(op);
        world.check();
      }
    }),
    { numRuns: 300, examples: [[DECIDED_BY_HAND], [EMPTIED_BY_HAND]] },
  );
});
