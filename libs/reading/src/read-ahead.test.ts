import { expect, test } from 'vitest';
import { readAhead } from './read-ahead.ts';

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

test('gives them in their order, and never has more than so many under way', async () => {
  let [underWay, mostUnderWay] = [0, 0];
  const begin = async (item: number): Promise<number> => {
    underWay += 1;
    mostUnderWay = Math.max(mostUnderWay, underWay);
    await turns(20 - item);
    underWay -= 1;
    return item;
  };
  const given: number[] = [];
  for await (const item of readAhead([1, 2, 3, 4, 5, 6, 7], 3, begin)) given.push(item);
  expect(given).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(mostUnderWay).toBe(3);
});

test('a failure is told in its turn, and what was begun after it is left alone', async () => {
  const begin = async (item: number): Promise<number> => {
    await turns(1);
    if (item > 1) throw new Error(`item ${item}`);
    return item;
  };
  const given: number[] = [];
  const use = async () => {
    for await (const item of readAhead([1, 2, 3, 4], 3, begin)) given.push(item);
  };
  await expect(use()).rejects.toThrow('item 2');
  expect(given).toEqual([1]);
});
