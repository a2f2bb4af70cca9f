/** Spans arrive as they were told, wherever they are sent; nothing is loaded when nobody asks. */
import { execFile } from 'node:child_process';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, expect, test, vi } from 'vitest';
import { decodeTraces, otlpTypes } from '../otlp/decode-traces.ts';
import type { ReceivedSpan } from '../received-span.ts';
import { silentTelemetry } from '../telemetry.ts';
import { spanSamples } from '../testing/span-samples.ts';
import { type RunningSink, startSink } from '../testing/start-sink.ts';
import { startTelemetry, telemetryCloseMsMax } from './start-telemetry.ts';

const who = { service: 'decider', instance: 'decider-0' };

afterEach(() => vi.unstubAllEnvs());

const setEnv = (env: Record<string, string>): Record<string, string> => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  return env;
};

const told = spanSamples.map((span) => ({
  ...span,
  service: 'flyball-decider',
  instance: 'decider-0',
}));

const byId = (spans: readonly ReceivedSpan[]) =>
  spans.toSorted((one, other) => (one.spanId < other.spanId ? -1 : 1));
const expected = byId(told);
const keyOf = (headers: IncomingHttpHeaders) => headers.authorization;

test('to our own sink: all of each span comes through protobuf', async () => {
  await using sink = await startSink();
  const telemetry = await startTelemetry({ ...who, tracesUrl: sink.url, env: {} });
  expect(telemetry.isOn).toBe(true);
  for (const span of spanSamples) telemetry.tell(span);
  await telemetry.close();
  expect(byId(sink.spans)).toEqual(expected);
  expect(sink.contentTypes).toEqual(['application/x-protobuf']);
});

test.each([
  ['http/json', 'application/json', 'none'],
  ['http/json', 'application/json', 'gzip'],
  ['http/protobuf', 'application/x-protobuf', 'gzip'],
])('by OTEL_*: %s as %s, compression %s', async (protocol, contentType, compression) => {
  await using sink = await startSink();
  const env = setEnv({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_EXPORTER_OTLP_COMPRESSION: compression,
  });
  const telemetry = await startTelemetry({ ...who, tracesUrl: '', env });
  for (const span of spanSamples) telemetry.tell(span);
  await telemetry.close();
  expect(byId(sink.spans)).toEqual(expected);
  expect(sink.contentTypes).toEqual([contentType]);
});

test('more than may wait at once arrive, if they come one after the other', async () => {
  await using sink = await startSink();
  const sentences: string[] = [];
  const onTrouble = (sentence: string) => sentences.push(sentence);
  const telemetry = await startTelemetry({ ...who, tracesUrl: sink.url, env: {}, onTrouble });
  const rounds = 5;
  const [span] = spanSamples;
  for (let round = 1; round <= rounds; round += 1) {
    for (let index = 0; index < 512; index += 1) if (span !== undefined) telemetry.tell(span);
    await expect.poll(() => sink.spans.length).toBe(round * 512);
  }
  expect(sentences).toEqual([]);
  await telemetry.close();
});

test('spans that cannot be recorded do not count as waiting', async () => {
  await using sink = await startSink();
  const sentences: string[] = [];
  const onTrouble = (sentence: string) => sentences.push(sentence);
  const telemetry = await startTelemetry({ ...who, tracesUrl: sink.url, env: {}, onTrouble });
  const broken = spanSamples.map((span) => ({ ...span, links: undefined as never }));
  for (let index = 0; index < 512; index += 1) for (const span of broken) telemetry.tell(span);
  for (const span of spanSamples) telemetry.tell(span);
  await telemetry.close();
  expect(byId(sink.spans)).toEqual(expected);
  expect(sentences).toEqual([expect.stringContaining('TypeError')]);
});

test('two receivers at once get the same, and each only its own headers', async () => {
  await using own = await startSink();
  await using other = await startSink();
  const env = setEnv({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${other.url}/v1/traces`,
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  });
  const telemetry = await startTelemetry({ ...who, tracesUrl: `${own.url}/`, env });
  for (const span of spanSamples) telemetry.tell(span);
  await telemetry.close();
  expect(byId(own.spans)).toEqual(expected);
  expect(byId(other.spans)).toEqual(expected);
  expect([own.headers.map(keyOf), other.headers.map(keyOf)]).toEqual([[undefined], ['secret']]);
});

test('by OTEL_* over gRPC', async () => {
  const received: ReceivedSpan[] = [];
  const server = new Server();
  const through = (bytes: Buffer): Buffer => bytes;
  const encoding = { requestSerialize: through, requestDeserialize: through };
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
  const answers = { responseSerialize: through, responseDeserialize: through };
  const method = { path, requestStream: false, responseStream: false, ...encoding, ...answers };
  const exported: handleUnaryCall<Buffer, Buffer> = ({ request }, answer) => {
    const decoded = decodeTraces(otlpTypes.protobuf, request);
    if (decoded.ok) received.push(...decoded.spans);
    answer(null, Buffer.alloc(0));
  };
  server.addService({ Export: method }, { Export: exported });
  const bind = promisify(server.bindAsync.bind(server));
  const port = await bind('127.0.0.1:0', ServerCredentials.createInsecure());
  const env = setEnv({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  });
  const telemetry = await startTelemetry({ ...who, tracesUrl: '', env });
  for (const span of spanSamples) telemetry.tell(span);
  await telemetry.close();
  server.forceShutdown();
  expect(byId(received)).toEqual(expected);
});

test('who is named by OTEL_SERVICE_NAME tells by that name, but for our own sink', async () => {
  await using own = await startSink();
  await using other = await startSink();
  const env = setEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: other.url, OTEL_SERVICE_NAME: 'scaling' });
  const telemetry = await startTelemetry({ ...who, tracesUrl: own.url, env });
  for (const span of spanSamples) telemetry.tell(span);
  await telemetry.close();
  const namesAt = (sink: RunningSink) => [...new Set(sink.spans.map(({ service }) => service))];
  expect([namesAt(own), namesAt(other)]).toEqual([['flyball-decider'], ['scaling']]);
});

test('several services of one process each tell by their own name', async () => {
  await using sink = await startSink();
  const env = setEnv({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  });
  const [span] = spanSamples;
  const services = ['windower', 'decider', 'actuator'];
  const telemetries = await Promise.all(
    services.map((service) =>
      startTelemetry({ ...{ service, instance: '0', tracesUrl: '', env } }),
    ),
  );
  for (const telemetry of telemetries) if (span !== undefined) telemetry.tell(span);
  await Promise.all(telemetries.map((telemetry) => telemetry.close()));
  expect(sink.spans.map(({ service }) => service).sort()).toEqual([
    'flyball-actuator',
    'flyball-decider',
    'flyball-windower',
  ]);
});

test.each([
  [{}],
  [{ OTEL_TRACES_EXPORTER: 'none' }],
  [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
  [{ OTEL_SDK_DISABLED: 'TRUE', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }],
])('%o asks for nothing', async (env) => {
  expect(await startTelemetry({ ...who, tracesUrl: '', env })).toBe(silentTelemetry);
});

test('OTEL_SDK_DISABLED silences our own sink too', async () => {
  const env = { OTEL_SDK_DISABLED: 'true' };
  const telemetry = await startTelemetry({ ...who, tracesUrl: 'http://127.0.0.1:1', env });
  expect(telemetry).toBe(silentTelemetry);
});

test.each(['127.0.0.1:4318', 'ftp://x', 'x'])('%s is refused as an address', async (tracesUrl) => {
  await expect(startTelemetry({ ...who, tracesUrl, env: {} })).rejects.toThrow(
    `FLYBALL_TRACES_URL is "${tracesUrl}"; it must be a URL of http or https`,
  );
});

const goneUrl = async (): Promise<string> => {
  const sink = await startSink();
  await sink.close();
  return sink.url;
};

test('nobody listens: it is told once, and closing ends', async () => {
  const url = await goneUrl();
  const sentences: string[] = [];
  const env = setEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
  const onTrouble = (sentence: string) => sentences.push(sentence);
  const telemetry = await startTelemetry({ ...who, tracesUrl: url, env, onTrouble });
  for (let index = 0; index < 3_000; index += 1) {
    for (const span of spanSamples) telemetry.tell(span);
  }
  await telemetry.close();
  await telemetry.close();
  expect(sentences).toEqual([expect.stringMatching(/^Spans are not sent: /)]);
});

test('somebody listens and never answers: closing ends within its limit', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const tracesUrl = `http://127.0.0.1:${port}`;
  const telemetry = await startTelemetry({ ...who, tracesUrl, env: {} });
  for (const span of spanSamples) telemetry.tell(span);
  const closed = telemetry.close().then(() => 'closed');
  const late = new Promise((resolve) => setTimeout(resolve, 5 * telemetryCloseMsMax, 'late'));
  expect(await Promise.race([closed, late])).toBe('closed');
  server.close();
});

test('after it was closed nothing is told', async () => {
  await using sink = await startSink();
  const telemetry = await startTelemetry({ ...who, tracesUrl: sink.url, env: {} });
  await telemetry.close();
  for (const span of spanSamples) telemetry.tell(span);
  await telemetry.close();
  expect(sink.spans).toEqual([]);
});

const childScript = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
  const { startTelemetry } = await import(process.argv[1]);
  const [tracesUrl] = process.argv.slice(2);
  const options = { service: 'x', instance: 'x', tracesUrl: tracesUrl ?? '', env: process.env };
  const telemetry = await startTelemetry(options);
  await telemetry.close();
  const foreign = loaded.filter((url) => /opentelemetry|protobufjs/.test(url));
  process.stdout.write(JSON.stringify({ isOn: telemetry.isOn, foreign }));
`;

const inChild = async (...args: string[]): Promise<{ isOn: boolean; foreign: string[] }> => {
  const index = new URL('../index.ts', import.meta.url).href;
  const flags = ['--input-type=module', '--eval', childScript, '--', index, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { env: {} });
  return JSON.parse(stdout) as { isOn: boolean; foreign: string[] };
};

test('off: nothing of OpenTelemetry is loaded', async () => {
  expect(await inChild()).toEqual({ isOn: false, foreign: [] });
});

test('on by our own address: the SDK, but none of what only OTEL_* needs', async () => {
  const { isOn, foreign } = await inChild('http://127.0.0.1:1');
  expect(isOn).toBe(true);
  expect(foreign.some((url) => url.includes('sdk-trace'))).toBe(true);
  expect(foreign.filter((url) => url.includes('sdk-node'))).toEqual([]);
});
