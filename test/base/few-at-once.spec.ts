import { setTimeout as sleep } from 'node:timers/promises';
import { fewAtOnce } from '../../src/base/few-at-once.js';

const KEYS = Array.from({ length: 45 }, (_, i) => `${i}`);

test('the results are in the order of the keys', async () => {
  expect(await fewAtOnce(KEYS, async (key) => sleep(Number(key) % 3, `of ${key}`))).toEqual(
    KEYS.map((key) => `of ${key}`),
  );
  expect(await fewAtOnce(KEYS, (key) => key)).toEqual(KEYS);
  expect(await fewAtOnce([], () => 1)).toEqual([]);
});

test('at most twenty are under way', async () => {
  let underWay = 0;
  let most = 0;
  await fewAtOnce(KEYS, async () => {
    most = Math.max(most, (underWay += 1));
    await sleep(1);
    underWay -= 1;
  });
  expect(most).toBe(20);
});

test('work begins at once', () => {
  const begun: string[] = [];
  void fewAtOnce(['a', 'b'], (key) => begun.push(key));
  expect(begun).toEqual(['a', 'b']);
});

test('the first error is thrown, and later keys are left out', async () => {
  const begun: string[] = [];
  const work = async (key: string) => {
    begun.push(key);
    if (key === '3') throw new Error('3 failed');
  };
  await expect(fewAtOnce(KEYS, work)).rejects.toThrow('3 failed');
  expect(begun).toHaveLength(20);
});

test('an error that is thrown at once leaves no rejection that nobody handles', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  const work = (key: string): Promise<void> => {
    if (key === '1') throw new Error('full');
    return sleep(5).then(() => Promise.reject(new Error('late')));
  };
  await expect(fewAtOnce(['0', '1'], work)).rejects.toThrow('full');
  await sleep(20);
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
