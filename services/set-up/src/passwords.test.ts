import { natsUsers } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import { planNatsUsers, planRedis } from './passwords.ts';

const counted = (): (() => string) => {
  let count = 0;
  return () => {
    count += 1;
    return `pNumber${String(count).padStart(12, '0')}`;
  };
};
const good = 'aPasswordOfSomebody1';

describe('the users of NATS', () => {
  it('get a password each', () => {
    const { missing, problems } = planNatsUsers({}, counted());
    expect(Object.keys(missing)).toEqual([...natsUsers, 'routes']);
    expect(new Set(Object.values(missing)).size).toBe(natsUsers.length + 1);
    expect(problems).toEqual([]);
  });

  it('keep the one that they have, and a new user gets one', () => {
    const users = [...natsUsers, 'routes'];
    const given = Object.fromEntries(users.map((user) => [user, good]));
    expect(planNatsUsers(given, counted())).toEqual({ missing: {}, problems: [] });
    const { watcher: _, ...before } = given;
    expect(Object.keys(planNatsUsers(before, counted()).missing)).toEqual(['watcher']);
  });

  it.each(['short1', '1beginsWithADigit', 'has some spaces in it', `a${'b'.repeat(128)}`, ''])(
    'cannot have %j',
    (password) => {
      const { problems } = planNatsUsers({ watcher: password }, counted());
      expect(problems).toEqual([
        'watcher of Secret nats-users cannot be used: give 16 to 128 letters and digits, ' +
          'with a letter first.',
      ]);
    },
  );
});

describe('Redis', () => {
  it('gets a password and the line that says it', () => {
    const { missing } = planRedis({}, counted());
    expect(missing['requirepass.conf']).toBe(`requirepass ${missing.password}\n`);
  });

  it('gets the line for a password that is there', () => {
    const { missing, problems } = planRedis({ password: good }, counted());
    expect({ missing, problems }).toEqual({
      missing: { 'requirepass.conf': `requirepass ${good}\n` },
      problems: [],
    });
  });

  it('cannot be told one password and its clients another', () => {
    const given = { password: good, 'requirepass.conf': 'requirepass another\n' };
    expect(planRedis(given, counted()).problems).toEqual([
      'requirepass.conf of Secret redis-password must be `requirepass` and its password.',
    ]);
  });
});
