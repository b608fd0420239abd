import type { Field } from '../../../../src/client/ui/forms/field.js';
import { watchSaves } from '../../../../src/client/ui/forms/saves.js';

/** A window whose performance timeline is played. Returns a function that adds an answer. */
function scene() {
  const settled: boolean[] = [];
  let hear: (list: { getEntries(): object[] }) => void = () => undefined;
  class PerformanceObserver {
    constructor(listener: typeof hear) {
      hear = listener;
    }
    observe() {}
  }
  const saves = watchSaves({ PerformanceObserver } as never, (_contents, isSaved) => settled.push(isSaved));
  saves.begin(new Map([[{} as Field, 'typed']]), { type: 'formdata', timeStamp: 100 } as Event);
  const answer = (name: string, responseStatus: number, startTime = 200, responseEnd = startTime) =>
    hear({
      getEntries: () => [
        { name: `https://here${name}`, initiatorType: 'fetch', startTime, responseEnd, responseStatus },
      ],
    });
  return { settled, answer };
}

test.each(['/save', '/ping', '/texts/7'])('a request of the application saves a form: %s', (name) => {
  const { settled, answer } = scene();
  answer(name, 201);
  expect(settled).toEqual([true]);
});

test('a form is not saved if one of its requests fails', () => {
  const { settled, answer } = scene();
  answer('/save', 201);
  answer('/lines', 422);
  expect(settled).toEqual([true, false]);
});

test.each(['/session/ping?n=17.5', '/session/draft-key?after=abc', '/session/draft-key?after='])(
  'a request of the client says nothing about a form: %s',
  (name) => {
    const { settled, answer } = scene();
    answer(name, 200);
    answer(name, 401);
    expect(settled).toEqual([]);
  },
);

test('a request soon after the answer to an earlier one says something about a form, but no later one', () => {
  const { settled, answer } = scene();
  // A poll that takes long says nothing about later ones.
  answer('/poll', 200, 200, 90_000);
  answer('/token', 200, 200, 4900);
  answer('/lines', 201, 200, 300);
  answer('/save', 422, 5899, 6900);
  answer('/poll', 500, 6101);
  answer('/poll', 500, 7000);
  expect(settled).toEqual([true, true, true, false]);
});

test('a request before the form was sent, or some time after it, says nothing about it', () => {
  const { settled, answer } = scene();
  answer('/save', 201, 99);
  answer('/save', 201, 1100);
  expect(settled).toEqual([]);
});
