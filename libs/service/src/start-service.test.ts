import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OutsideError } from '@flyball/contracts';
import { recoverSpan } from '@flyball/telemetry';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { commonSettings, telemetrySettings } from './common-settings.ts';
import { type ConfigSchema, defineConfig, readConfig } from './config.ts';
import { defineService, type ServiceDefinition } from './service-definition.ts';
import { startService } from './start-service.ts';

const configSchema = defineConfig(commonSettings);
const configOf = (env: Record<string, string>) => {
  const read = readConfig(configSchema, env);
  if (!read.ok) throw new Error('bad config');
  return read.config;
};
const quiet = { FLYBALL_LOG_LEVEL: 'silent' };
const start = (service: Pick<ServiceDefinition, 'start'>, env = {}, crashes: unknown[] = []) =>
  startService(
    defineService({ name: 'tester', configSchema, ...service }),
    configOf({ ...quiet, ...env }),
    { logger: pino({ level: 'silent' }), onCrash: (error) => crashes.push(error) },
  );

describe('startService', () => {
  it('tells health, readiness with reasons, and metrics', async () => {
    const running = await start({
      async start(_config, life) {
        life.readiness('nats').set(false, 'disconnected');
        life.announce({ gatewayUrl: 'http://127.0.0.1:1' });
      },
    });
    const health = await fetch(`${running.healthUrl}/healthz`);
    expect(await health.json()).toEqual({ service: 'tester', alive: true });
    const ready = await fetch(`${running.healthUrl}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      ready: false,
      conditions: expect.arrayContaining([{ name: 'nats', ok: false, reason: 'disconnected' }]),
    });
    const metrics = await fetch(`${running.healthUrl}/metrics`);
    expect(await metrics.text()).toContain('process_cpu_seconds_total');
    expect(running.announced).toEqual({ gatewayUrl: 'http://127.0.0.1:1' });
    await running.drain();
    await expect(fetch(`${running.healthUrl}/healthz`)).rejects.toThrow();
  });

  it('ends in the order of the steps', async () => {
    const steps: string[] = [];
    const running = await start({
      async start(_config, life) {
        life.onClose('first made', async () => void steps.push('close first made'));
        life.onClose('last made', async () => void steps.push('close last made'));
        life.onDrain('release', async () => {
          steps.push(`release, aborted: ${life.signal.aborted}`);
        });
        life.run('loop', async (signal) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          steps.push('loop ends');
        });
      },
    });
    await running.drain();
    expect(steps).toEqual([
      'release, aborted: false',
      'loop ends',
      'close last made',
      'close first made',
    ]);
  });

  it('closes what it opened when the start fails', async () => {
    let closed = false;
    const failing = start({
      async start(_config, life) {
        life.onClose('opened', async () => {
          closed = true;
        });
        throw new OutsideError('NATS_UNREACHABLE', 'no NATS', { retriable: true });
      },
    });
    await expect(failing).rejects.toThrow('no NATS');
    expect(closed).toBe(true);
  });

  it('rejects a drain that takes too long', async () => {
    const running = await start(
      {
        async start(_config, life) {
          life.onDrain('for ever', () => new Promise(() => undefined));
        },
      },
      { FLYBALL_DRAIN_LIMIT_MS: '100' },
    );
    await expect(running.drain()).rejects.toThrow('FLYBALL_DRAIN_LIMIT_MS=100');
  });

  it('hands the error of a loop to the crash', async () => {
    const crashes: unknown[] = [];
    const running = await start(
      {
        async start(_config, life) {
          life.run('loop', async () => {
            throw new Error('broken invariant');
          });
        },
      },
      {},
      crashes,
    );
    expect(crashes).toMatchObject([{ message: 'broken invariant' }]);
    await running.drain();
  });

  it('says which port is taken', async () => {
    const running = await start({ start: async () => undefined });
    const port = new URL(running.healthUrl).port;
    const second = start({ start: async () => undefined }, { FLYBALL_HEALTH_PORT: port });
    await expect(second).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await running.drain();
  });
});

describe('the telemetry of a service', () => {
  const span = recoverSpan({
    ...{ stage: 'tester', instance: '1-a', partition: 0, from: 'log', events: 3 },
    ...{ startMs: 1_767_225_600_000, endMs: 1_767_225_600_001 },
  });
  /** The paths on which something receives spans while `service` lives and ends. */
  const received = async (schema: ConfigSchema, env: (url: string) => Record<string, string>) => {
    const paths: string[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url ?? '');
      request.resume().on('end', () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const given = env(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const read = readConfig(schema as typeof configSchema, { ...quiet, ...given });
    if (!read.ok) throw new Error('bad config');
    let isOn: boolean | undefined;
    const service = defineService({
      ...{ name: 'tester', configSchema: schema as typeof configSchema },
      start: async (_config, life) => {
        isOn = life.telemetry.isOn;
        life.run('loop', async (signal) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          // Its last word, at drain.
          life.telemetry.tell(span);
        });
      },
    });
    const logger = pino({ level: 'silent' });
    const onCrash = (error: unknown) => expect(error).toBeUndefined();
    const running = await startService(service, read.config, { logger, onCrash, env: given });
    await running.drain();
    server.close();
    return { isOn, paths };
  };
  const telling = defineConfig({ ...commonSettings, ...telemetrySettings });

  it('sends what its loops said at their end before it has ended', async () => {
    const heard = await received(telling, (url) => ({ FLYBALL_TRACES_URL: url }));
    expect(heard).toEqual({ isOn: true, paths: ['/v1/traces'] });
  });

  it('is silent where nobody asks, and of a service without the setting', async () => {
    expect(await received(telling, () => ({}))).toEqual({ isOn: false, paths: [] });
    const asked = (url: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    expect(await received(configSchema, asked)).toEqual({ isOn: false, paths: [] });
  });
});
