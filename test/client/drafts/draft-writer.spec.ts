import type { Draft } from '../../../src/client/drafts/draft-book.js';
import { draftWriter } from '../../../src/client/drafts/draft-writer.js';
import type { DraftKeys } from '../../../src/client/drafts/keys.js';

function scene() {
  const stored = new Map<string, string>();
  const seals: ((sealed: string) => void)[] = [];
  const state: { keys: DraftKeys | undefined } = { keys: {} as DraftKeys };
  const writer = draftWriter(
    {
      seal: () => new Promise((resolve) => seals.push(resolve)),
      put: (name: string, sealed: string) => void stored.set(name, sealed),
      remove: (name: string) => void stored.delete(name),
    } as never,
    () => state.keys,
  );
  const draft: Draft = { name: 'a', page: '/', form: '', fields: new Map([['x', { was: '', typed: 'y' }]]) };
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { writer, draft, stored, seals, state, settle };
}

test('older content does not replace newer content that was encrypted faster', async () => {
  const { writer, draft, stored, seals, settle } = scene();
  writer.write(draft);
  writer.write(draft);
  writer.flush();
  seals[1]?.('newer');
  await settle();
  seals[0]?.('older');
  await settle();
  expect(stored.get('a')).toBe('newer');
});

test('what was sent while it was encrypted is not stored', async () => {
  const { writer, draft, stored, seals, settle } = scene();
  writer.write(draft);
  draft.fields.clear();
  writer.write(draft);
  seals[0]?.('sent');
  await settle();
  expect(stored.size).toBe(0);
});

test('nothing is stored after the keys are gone, and what waits is written once they are there', async () => {
  const { writer, draft, stored, seals, state, settle } = scene();
  writer.write(draft);
  state.keys = undefined;
  seals[0]?.('late');
  await settle();
  expect(stored.size).toBe(0);

  writer.write(draft);
  writer.flush();
  expect(seals).toHaveLength(1);
  state.keys = {} as DraftKeys;
  writer.flush();
  seals[1]?.('now');
  await settle();
  expect(stored.get('a')).toBe('now');
});
