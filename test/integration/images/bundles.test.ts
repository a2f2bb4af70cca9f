/** What the images hold runs: one file per service, without node_modules. */
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startSink } from '@flyball/telemetry/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openBus } from '../data-plane/bus.ts';
import { type Bundles, type LogLine, makeBundles, runBundle } from './bundled-process.ts';

const root = resolve(import.meta.dirname, '../../..');
const exitConfig = 78;
let bundles: Bundles;

/** A limit, not a measure: a machine that is busy with other things takes its time. */
const bundlingMaxMs = 180_000;

beforeAll(async () => {
  bundles = await makeBundles();
}, bundlingMaxMs);

afterAll(() => bundles[Symbol.asyncDispose]());

const untilListening = async (log: readonly LogLine[]): Promise<string> => {
  const isListening = (line: LogLine): boolean => line.healthUrl !== undefined;
  await vi.waitFor(() => expect(log.some(isListening)).toBe(true), { timeout: 20_000 });
  return log.find(isListening)?.healthUrl ?? '';
};

it('every service has one, but what runs on somebody’s own machine', () => {
  const isImage = (name: string): boolean =>
    name !== 'cli' &&
    name !== 'local-node' &&
    existsSync(join(root, 'services', name, 'src/main.ts'));
  const services = readdirSync(join(root, 'services')).filter(isImage);
  expect(bundles.services).toEqual(services.sort());
  expect(bundles.services).toEqual(expect.arrayContaining(['activator', 'watcher', 'queue-proxy']));
});

it('each starts, and tells all that is wrong with its settings', async () => {
  for (const service of bundles.services) {
    await using running = runBundle(bundles, service, { FLYBALL_LOG_LEVEL: 'loud' });
    expect(await running.ended, service).toBe(exitConfig);
    expect(running.log.at(-1)?.msg).toContain('FLYBALL_LOG_LEVEL="loud" is wrong: give one of');
  }
});

it('the Dockerfile copies what was bundled beside Node, and its sources exist', async () => {
  const text = await readFile(join(root, 'infra/docker/Dockerfile'), 'utf8');
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { PNPM_VERSION } = await import(/* @vite-ignore */ join(root, 'scripts/setup/places.mjs'));
  expect(text).toContain(`FROM node:${devDependencies.node}-`);
  expect(text).toContain(`pnpm@${PNPM_VERSION}\n`);
  const stages = [...text.matchAll(/^FROM (\S+) AS (\S+)$/gm)].map(([, from, name]) => ({
    from: from ?? '',
    name: name ?? '',
  }));
  const names = stages.map(({ name }) => name);
  expect(names).toEqual(['source', 'dev', 'bundle', 'service']);
  for (const [index, { from }] of stages.entries()) {
    expect(from.includes(':') || names.slice(0, index).includes(from), from).toBe(true);
  }
  const copied = [...text.matchAll(/^COPY (?:--\S+ )*(.*) \S+$/gm)].flatMap(([line, sources]) =>
    line.includes('--from=') ? [] : (sources ?? '').split(' '),
  );
  expect(copied).toEqual(['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.']);
  const last = text.slice(text.lastIndexOf('\nFROM '));
  expect(last.match(/^(COPY|RUN|ADD) .*$/gm)).toEqual(['COPY --from=bundle /bundle /flyball']);
  expect(last).toContain('\nUSER 65532:65532\n');
});

describe('on a NATS with the users of production', () => {
  it.each(['watcher', 'decider', 'actuator', 'collector'] as const)('%s runs', async (service) => {
    await using bus = await openBus();
    await using running = runBundle(bundles, service, bus.envOf(service));
    const healthUrl = await untilListening(running.log);
    const answers = async () => {
      expect((await fetch(`${healthUrl}/metrics`)).status).toBe(200);
      expect((await fetch(`${healthUrl}/healthz`)).status).toBe(200);
    };
    await vi.waitFor(answers, { timeout: 15_000 });
    running.signal('SIGTERM');
    expect(await running.ended).toBe(0);
  });

  it('the activator answers for a host that nobody has', async () => {
    await using bus = await openBus();
    const env = { ...bus.envOf('activator'), FLYBALL_GATEWAY_PORT: '0' };
    await using running = runBundle(bundles, 'activator', env);
    await untilListening(running.log);
    const gatewayUrl = running.log.flatMap((line) => Reflect.get(line, 'gatewayUrl') ?? [])[0];
    expect((await fetch(gatewayUrl)).status).toBe(404);
    running.signal('SIGTERM');
    expect(await running.ended).toBe(0);
  });
});

it('the console serves the page that was bundled beside it', async () => {
  await using bus = await openBus();
  const env = { ...bus.envOf('reader'), FLYBALL_CONSOLE_PORT: '0' };
  await using running = runBundle(bundles, 'console', env);
  await untilListening(running.log);
  const consoleUrl = running.log.flatMap((line) => Reflect.get(line, 'consoleUrl') ?? [])[0];
  const page = await (await fetch(consoleUrl)).text();
  const script = /src="(\/page\.js)"/.exec(page)?.[1] ?? '';
  const answer = await fetch(new URL(script, consoleUrl));
  expect(answer.headers.get('content-type')).toContain('text/javascript');
  expect((await answer.text()).length).toBeGreaterThan(10_000);
  running.signal('SIGTERM');
  expect(await running.ended).toBe(0);
});

it('a bundle has what tells traces, to the console and to whom OTEL_* names', async () => {
  await using bus = await openBus();
  await using sink = await startSink();
  const env = {
    ...bus.envOf('decider'),
    FLYBALL_TRACES_URL: sink.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
  };
  await using running = runBundle(bundles, 'decider', env);
  await vi.waitFor(() => expect(sink.spans).not.toEqual([]), { timeout: 20_000 });
  running.signal('SIGTERM');
  expect(await running.ended).toBe(0);
  expect(running.log.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  const told = sink.spans.map(({ spanId }) => spanId);
  const once = [...new Set(told)];
  expect(told.sort()).toEqual([...once, ...once].sort());
});

it('the queue-proxy answers, and drains', async () => {
  const env = { FLYBALL_QUEUE_LISTEN: '127.0.0.1:0' };
  await using running = runBundle(bundles, 'queue-proxy', env);
  const healthUrl = await untilListening(running.log);
  const metrics = await (await fetch(`${healthUrl}/metrics`)).text();
  expect(metrics).toContain('flyball_queue_proxy_average_concurrent_requests');
  running.signal('SIGTERM');
  expect(await running.ended).toBe(0);
});
