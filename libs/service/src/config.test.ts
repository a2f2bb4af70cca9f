import { describe, expect, it } from 'vitest';
import { commonSettings, redisUrl } from './common-settings.ts';
import { defineConfig, describeProblems, readConfig } from './config.ts';
import { configExample, configTable, parseExample } from './config-documents.ts';
import { flag, integer, share } from './setting.ts';

const schema = defineConfig({
  ...commonSettings,
  tickMs: integer({ about: 'Time between ticks.', fallback: 2_000, min: 100, max: 60_000 }),
  eager: flag({ about: 'Pokes are sent.', fallback: true }),
});

describe('readConfig', () => {
  it('gives the defaults when nothing is set, frozen', () => {
    const read = readConfig(schema, {});
    expect(read).toMatchObject({ ok: true, config: { tickMs: 2_000, eager: true, healthPort: 0 } });
    expect(read.ok && Object.isFrozen(read.config)).toBe(true);
  });

  it('reads numbers and flags, and takes an empty variable as not set', () => {
    const env = { FLYBALL_TICK_MS: '500', FLYBALL_EAGER: 'false', FLYBALL_LOG_LEVEL: '' };
    expect(readConfig(schema, env)).toMatchObject({
      ok: true,
      config: { tickMs: 500, eager: false, logLevel: 'info' },
    });
  });

  it('names every problem at once with value and allowed values', () => {
    const env = { FLYBALL_TICK_MS: '1.5', FLYBALL_HEALTH_PORT: '70000', FLYBALL_LOG_LEVEL: 'loud' };
    const read = readConfig(schema, env);
    if (read.ok) throw new Error('must be refused');
    expect(read.problems.map((problem) => problem.name)).toEqual([
      'FLYBALL_LOG_LEVEL',
      'FLYBALL_HEALTH_PORT',
      'FLYBALL_TICK_MS',
    ]);
    expect(describeProblems(read.problems)).toContain(
      'FLYBALL_HEALTH_PORT="70000" is wrong: give a whole number from 0 to 65535.',
    );
  });

  it('warns of an unknown variable with the nearest name', () => {
    const read = readConfig(schema, { FLYBALL_TIK_MS: '1', OTHER: 'x', FLYBALL_DATA: '/tmp/x' });
    expect(read).toMatchObject({
      ok: true,
      warnings: ['FLYBALL_TIK_MS is not a setting of this service. Did you mean FLYBALL_TICK_MS?'],
    });
  });

  it('takes the members of a NATS cluster, and refuses one that is no URL', () => {
    const members = 'nats://10.0.0.1:4222,nats://10.0.0.2:4222,tls://nats-2.nats:4222';
    const read = readConfig(schema, { FLYBALL_NATS_URL: members });
    expect(read).toMatchObject({ ok: true, config: { natsUrl: members } });
    const broken = readConfig(schema, { FLYBALL_NATS_URL: `${members},http://10.0.0.3` });
    expect(broken).toMatchObject({ ok: false, problems: [{ name: 'FLYBALL_NATS_URL' }] });
  });

  it.each([
    ['0', 0],
    ['1', 1],
    ['.5', 0.5],
    ['0.015', 0.015],
    ['1.0', 1],
  ])('takes %s for a share', (given, taken) => {
    const part = defineConfig({ part: share({ about: 'A part.', fallback: 0.1 }) });
    const read = readConfig(part, { FLYBALL_PART: given });
    expect(read).toMatchObject({ ok: true, config: { part: taken } });
  });

  it.each(['1.1', '1.5', '2', '-0.1', '.', '1e-1', '1 %'])('refuses %s for a share', (given) => {
    const part = defineConfig({ part: share({ about: 'A part.', fallback: 0.1 }) });
    const read = readConfig(part, { FLYBALL_PART: given });
    if (read.ok) throw new Error('must be refused');
    expect(describeProblems(read.problems)).toContain('give a number from 0 to 1');
  });

  it('takes no empty text for a share of nothing', () => {
    const part = share({ about: 'A part.', fallback: 0.1 });
    expect(part.safeParse('').success).toBe(false);
    expect(part.safeParse('.0').data).toBe(0);
  });

  it('prints no secret', () => {
    const secret = defineConfig({ redisUrl });
    const bad = readConfig(secret, { FLYBALL_REDIS_URL: 'http://:pass@x' });
    expect(bad).toMatchObject({
      ok: false,
      problems: [{ name: 'FLYBALL_REDIS_URL', value: '***' }],
    });
  });

  it('writes an example that parses to exactly the defaults', () => {
    expect(readConfig(schema, parseExample(configExample(schema)))).toEqual(readConfig(schema, {}));
    expect(configTable(schema)).toContain('| `FLYBALL_TICK_MS` | `2000` |');
  });
});
