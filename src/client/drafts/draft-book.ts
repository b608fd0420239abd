import type { Field as Place } from '../ui/forms/field.js';

/** What the user has typed into a field, as text. */
export interface DraftField {
  /** The content of the field before. */
  was: string;
  typed: string;
  /** The element that shows it now; `undefined` if it has not been filled in yet. */
  place?: Place | undefined;
  /** When it was filled in by us; `undefined` if it was typed here. */
  filledAt?: number | undefined;
  /** How often it was filled in. Some frameworks take it out again while they start. */
  fills?: number | undefined;
  /** Since when the element has had unexpected content. */
  oddSince?: number | undefined;
}

/** What the user has typed into a form, or into the fields of a page outside of forms. It is stored as one piece. */
export interface Draft {
  readonly name: string;
  readonly page: string;
  readonly form: string;
  readonly fields: Map<string, DraftField>;
  /** The latest write that has begun. Writes may end in another order. */
  turn?: object;
}

/** A field as the page shows it. */
export interface Shown {
  readonly place: Place;
  /** Whether the element has taken the place of the one that showed the field so far, in the same part of the page. */
  readonly isAnew?: boolean;
  readonly content: string;
  /** What the server or the application has put into the field. */
  readonly initial: string;
}

/**
 * Finds a field of the page. If the element that has shown it so far is still there, this is the field. Otherwise, it
 * is the element with this key. Returns `undefined` if the field is not on the page.
 */
export type Find = (form: string, key: string, place?: Place) => Shown | undefined;

/** What the book needs from the page around it. */
export interface DraftBookParts {
  /** Returns a new name for a draft. */
  newName(): string;
  /** Called when a draft has changed. A draft without fields has to be deleted. */
  changed(draft: Draft): void;
  /** Puts content into a field, as a person would. Returns false if the field does not take it, or not yet. */
  fill(place: Place, content: string): boolean;
}

/** Milliseconds. Applications may fill or empty their fields some time after they show them. */
const PATIENCE = 2000;
const MOST_FILLS = 4;
/** The content of an empty field or of empty editable text. */
const EMPTY = /^$|^\[(\["br"\])?\]$/;

export type DraftBook = ReturnType<typeof draftBook>;

/**
 * The drafts of one page view: what is typed, what is filled in again, and what is in doubt. It does not depend on a
 * browser.
 */
export function draftBook({ newName, changed, fill }: DraftBookParts) {
  const drafts = new Set<Draft>();
  /** What the user has last typed into an element, on any page. */
  const latest = new WeakMap<Place, string>();
  let seen: string | undefined;

  function remove(draft: Draft, key: string): void {
    if (draft.fields.delete(key)) update(draft);
  }

  function update(draft: Draft): void {
    if (draft.fields.size > 0) drafts.add(draft);
    else drafts.delete(draft);
    changed(draft);
  }

  function* on(page: string): Generator<[Draft, string, DraftField]> {
    for (const draft of drafts) {
      if (draft.page === page) for (const [key, field] of draft.fields) yield [draft, key, field];
    }
  }

  function replace(draft: Draft, field: DraftField, { place, content }: Shown, at: number): void {
    field.was = content;
    update(draft);
    put(draft, field, place, at);
  }

  function put(draft: Draft, field: DraftField, place: Place, at: number): void {
    Object.assign(field, { place, filledAt: at, fills: (field.fills ?? 0) + 1, oddSince: undefined });
    if (!fill(place, field.typed)) field.place = undefined;
  }

  /**
   * A script has changed a field. If it has emptied the field after the user acted, the content was sent, or is not
   * wanted.
   */
  function onScript(draft: Draft, key: string, field: DraftField, content: string, at: number, actedAt: number) {
    const isEmptied = content === field.was || EMPTY.test(content);
    if (field.filledAt && actedAt <= field.filledAt) field.place = undefined;
    else if (!isEmptied) {
      field.typed = content;
      update(draft);
    } else if (at - (field.oddSince ??= at) >= PATIENCE / 2) remove(draft, key);
  }

  return {
    /** All drafts of this page, and of other pages of a single-page application. */
    drafts: drafts as ReadonlySet<Draft>,

    /** The user has typed into a field, which contained `was` before. */
    typed(page: string, form: string, key: string, place: Place, was: string, content: string): void {
      let draft: Draft | undefined;
      latest.set(place, content);
      for (const one of drafts) {
        if (one.page !== page || one.form !== form) continue;
        const field = one.fields.get(key);
        if (field && field.place === place) {
          // If the user restores the original content, there is nothing to keep.
          if (content === field.was) return remove(one, key);
          field.typed = content;
          field.filledAt = field.oddSince = undefined;
          return update(one);
        }
        if (!field) draft = one;
        // Where the user has typed, nothing is filled in, even if the field is emptied. It waits until the user
        // decides.
        else field.fills = MOST_FILLS;
      }
      if (content === was) return;
      draft ??= { name: newName(), page, form, fields: new Map() };
      draft.fields.set(key, { was, typed: content, place });
      update(draft);
    },

    /**
     * A form was sent with this content. What the user has typed since then stays. A router may have left the page of
     * the form by now.
     */
    sent(contents: ReadonlyMap<Place, string>): void {
      for (const draft of drafts) {
        for (const [key, { place, typed }] of draft.fields)
          if (place && contents.get(place) === typed) remove(draft, key);
      }
    },

    /** Takes over a draft of an earlier page view. It is filled in at the next look, and is kept no longer than before. */
    adopt(draft: Draft): void {
      drafts.add(draft);
    },

    /**
     * Looks at the fields of a page. Fills in drafts where possible, and notices what was sent.
     *
     * @param actedAt when the user last pressed a key or a button
     * @returns how many fields were filled in, and in how many the original content has changed
     */
    look(page: string, at: number, actedAt: number, find: Find) {
      const isNew = seen && page !== seen;
      let filled = 0;
      let odd = 0;
      seen = page;
      for (const [draft, key, field] of on(page)) {
        const shown = find(draft.form, key, field.place);
        // On the way back to a page, a router may show its fields some time later.
        if (isNew && !shown) field.place = undefined;
        if (!shown) continue;
        const { place, content, initial, isAnew } = shown;
        // A router may show several pages in the same elements. What the user has not typed, the router has put there.
        if (isNew && content !== field.typed && content !== latest.get(place)) field.place = undefined;
        if (field.place === place) {
          if (content !== field.typed) onScript(draft, key, field, content, at, actedAt);
          else field.oddSince = undefined;
        } else if (content === field.typed) {
          // If the server has this content now, there is nothing to keep. Otherwise, the browser has kept it.
          if (initial === content) remove(draft, key);
          else field.place = place;
        } else {
          // Now, the form may be that of another chat, for example. If the user has done something, the user decides.
          if (isAnew && field.place && !(field.filledAt! >= actedAt)) field.fills = MOST_FILLS;
          const mayFill = (field.fills ?? 0) < MOST_FILLS;
          if (content === field.was && mayFill) put(draft, field, place, at);
          else if (at - (field.oddSince ??= at) >= PATIENCE) {
            // Nothing is overwritten in an empty field.
            if (EMPTY.test(content) && mayFill) replace(draft, field, shown, at);
            else odd++;
          }
        }
        if (field.filledAt && field.place) filled++;
      }
      return { filled, odd };
    },

    /** Fills in the drafts that were not filled in because the original content has changed. */
    use(page: string, at: number, find: Find): void {
      for (const [draft, key, field] of on(page)) {
        const shown = find(draft.form, key, field.place);
        if (!shown || field.place === shown.place) continue;
        for (const [other, , { place }] of on(page)) if (place === shown.place) remove(other, key);
        replace(draft, field, shown, at);
      }
    },

    /** Deletes all drafts of the page, and restores the earlier content of the fields. */
    discard(page: string, find: Find): void {
      for (const [draft, key, field] of on(page)) {
        if (field.place && !field.filledAt) continue;
        const shown = find(draft.form, key, field.place);
        remove(draft, key);
        if (shown && shown.place === field.place && shown.content === field.typed) fill(shown.place, field.was);
      }
    },
  };
}
