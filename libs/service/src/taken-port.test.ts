/** A service that cannot listen leaves no telemetry behind in a process that may go on. */
import { type AddressInfo, createServer } from 'node:net';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { commonSettings, telemetrySettings } from './common-settings.ts';
import { defineConfig, readConfig } from './config.ts';
import { defineService } from './service-definition.ts';
import { startService } from './start-service.ts';

const lives = vi.hoisted(() => ({ begun: 0, closed: 0 }));

/** The real one, and how often it was closed. */
vi.mock('@flyball/telemetry', async (importOriginal) => {
  const original = await importOriginal<typeof import('@flyball/telemetry')>();
  const startTelemetry: typeof original.startTelemetry = async (options) => {
    const telemetry = await original.startTelemetry(options);
    lives.begun += 1;
    const close = async (): Promise<void> => {
      await telemetry.close();
      lives.closed += 1;
    };
    return { ...telemetry, close };
  };
  return { ...original, startTelemetry };
});

it('closes the telemetry that it began when the health port is taken', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  const configSchema = defineConfig({ ...commonSettings, ...telemetrySettings });
  const read = readConfig(configSchema, {
    FLYBALL_HEALTH_PORT: String(port),
    FLYBALL_TRACES_URL: 'http://127.0.0.1:1',
  });
  if (!read.ok) throw new Error('bad config');
  const service = defineService({ name: 'tester', configSchema, start: async () => undefined });
  const logger = pino({ level: 'silent' });
  const onCrash = (error: unknown) => expect(error).toBeUndefined();
  const failing = startService(service, read.config, { logger, onCrash, env: {} });
  await expect(failing).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  expect(lives).toEqual({ begun: 1, closed: 1 });
  taken.close();
});
