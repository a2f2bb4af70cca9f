import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';

const tinyService = new URL('./testing/tiny-service.ts', import.meta.url);

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

const start = (instance: string, env: Record<string, string> = {}) => {
  const child = fork(tinyService, {
    env: { ...process.env, FLYBALL_INSTANCE: instance, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const { stdout } = child;
  if (stdout === null) throw new Error('no output to read');
  // `close` of the process itself never comes once its channel was cut.
  const exited = Promise.all([once(child, 'exit'), once(stdout, 'close')]);
  const ended = async (): Promise<Ended> => {
    const [[code]] = await exited;
    return { code: code as number | null, output };
  };
  return { child, ended: ended() };
};

const listening = async (child: ChildProcess): Promise<unknown> =>
  (await once(child, 'message'))[0];

describe('runService', () => {
  it('tells its parent where it listens, drains at SIGTERM and exits 0', async () => {
    const { child, ended } = start('calm');
    expect(await listening(child)).toMatchObject({
      type: 'listening',
      service: 'tiny',
      healthUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      gatewayUrl: 'http://127.0.0.1:9',
    });
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, output: expect.stringContaining('"drained"') });
  });

  it('drains when its parent is gone', async () => {
    const { child, ended } = start('calm');
    await listening(child);
    child.disconnect();
    expect((await ended).code).toBe(0);
  });

  it('ends at once at the second signal, and at the limit without one', async () => {
    const impatient = start('stuck');
    await listening(impatient.child);
    impatient.child.kill('SIGTERM');
    setTimeout(() => impatient.child.kill('SIGTERM'), 50);
    expect(await impatient.ended).toMatchObject({
      code: 1,
      output: expect.stringContaining('asked twice'),
    });
    const patient = start('stuck', { FLYBALL_DRAIN_LIMIT_MS: '100' });
    await listening(patient.child);
    patient.child.kill('SIGINT');
    expect(await patient.ended).toMatchObject({
      code: 1,
      output: expect.stringContaining('FLYBALL_DRAIN_LIMIT_MS=100'),
    });
  });

  it('exits 69 with the sentence when something outside is missing', async () => {
    const { code, output } = await start('outside').ended;
    expect(code).toBe(69);
    expect(output).toContain('No NATS there. [NATS_UNREACHABLE]');
  });

  it('exits 70 at a bug', async () => {
    const { code, output } = await start('bug').ended;
    expect(code).toBe(70);
    expect(output).toContain('broken');
  });

  it('exits 78 with every problem when the settings are wrong', async () => {
    const { code, output } = await start('calm', {
      FLYBALL_HEALTH_PORT: 'x',
      FLYBALL_LOG_LEVEL: 'loud',
    }).ended;
    expect(code).toBe(78);
    expect(output).toContain('FLYBALL_HEALTH_PORT=');
    expect(output).toContain('FLYBALL_LOG_LEVEL=');
  });
});
