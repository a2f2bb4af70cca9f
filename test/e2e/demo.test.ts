/** `flyball demo --fast` without a terminal: plain lines, and an exit code that tells. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPlace, type Place } from './harness/command.ts';

let place: Place;

beforeEach(async () => {
  place = await createPlace();
});

afterEach(() => place.leave());

test('both scenes hold, and every line is plain', async () => {
  const { code, out, err } = await place.flyball('demo', '--fast');
  expect({ code, out, err }).toMatchObject({ code: 0 });
  expect(out).toContain('It all held.');
  expect(out).toMatch(/\b0 differences/);
  expect(out).not.toMatch(/✗/);
  const colours = String.fromCharCode(27);
  expect(out + err).not.toContain(colours);
});
