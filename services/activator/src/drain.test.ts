/** How an activator ends: answers first, then its ledger, and its heartbeat only after that. */
import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import {
  type AnyEvent,
  chainStart,
  type EventDataByName,
  encodeEvent,
  eventFrom,
  partitionOf,
  subjectOf,
  type WorkloadKey,
} from '@flyball/contracts';
import { type EventLog, readPartitionCount, startMemoryServer } from '@flyball/event-log';
import { beginLife, type Clock, systemClock } from '@flyball/service';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { registerDrain } from './drain.ts';
import { createGateway } from './gateway.ts';
import { createHostReader } from './host-reader.ts';
import { startActivator } from './start-activator.ts';

const limits = {
  heldRequestsMax: 10,
  heldBytesMax: 1_000_000,
  heldPerWorkloadMax: 10,
  holdMsMax: 60_000,
};
const domain = 'example.com';

/** Tells what a watcher would; each event is the first of a subject of its own. */
const tellerOf = (log: EventLog, partitionCount: number) => {
  let told = 0;
  const seqs = new Map<string, { readonly seq: number; readonly chain: string }>();
  return async <Name extends 'WorkloadAppeared' | 'PodAppeared' | 'PodReady'>(
    workload: WorkloadKey,
    type: Name,
    data: EventDataByName[Name],
  ): Promise<void> => {
    told += 1;
    const partition = partitionOf(workload, partitionCount);
    const cause = { id: `told${told}`, atMs: systemClock.nowMs() };
    const pen = 'platform';
    const event = eventFrom({ type, pen, workload, partition, source: '/story', cause, data });
    const subject = subjectOf(event);
    const before = seqs.get(subject) ?? { seq: 0, chain: chainStart };
    const { body, chain } = encodeEvent(event as AnyEvent, before.chain);
    const message = { subject, id: event.id, body, expectedLastSeq: before.seq };
    const { kind, ...place } = await log.events.append(message);
    if (kind !== 'stored') throw new Error(kind);
    seqs.set(subject, { seq: 'seq' in place ? place.seq : 0, chain });
  };
};

/** A pod that answers when it is told to. */
const startPod = async () => {
  const waiting: ServerResponse[] = [];
  const server = createServer((_request, response) => void waiting.push(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    waiting,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

/** What a new connection meets: none that is taken may be left waiting for an answer. */
const knock = (port: number) =>
  new Promise<string>((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => socket.destroy()).once('close', () => done('taken'));
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
  });

const startServer = (bus: { readonly refusesCounts: boolean }) =>
  startMemoryServer({
    nowMs: () => systemClock.nowMs(),
    faults: (_stream, { subject }) =>
      bus.refusesCounts && subject.includes('.requests.') ? 'message-lost' : 'none',
  });

/** A wait that ends when the story says so. */
const heldDelayMs = 60_001;

const storyClock = () => {
  let ring = (): void => undefined;
  const clock: typeof systemClock = {
    ...systemClock,
    after: (delayMs, then) => {
      if (delayMs !== heldDelayMs) return systemClock.after(delayMs, then);
      ring = then;
      return () => undefined;
    },
  };
  return { clock, endDelay: () => ring() };
};

const beginStoryLife = (clock: Clock, onCrash: (error: unknown) => void) =>
  beginLife({
    ...{ service: 'activator', instance: '1', clock, onCrash },
    logger: pino({ level: 'silent' }),
    random: Math.random,
  });

const openStory = async (drainMs: number, drainDelayMs = 0) => {
  const bus = { refusesCounts: false };
  const server = startServer(bus);
  const crashes: unknown[] = [];
  const { clock, endDelay } = storyClock();
  const living = beginStoryLife(clock, (error) => void crashes.push(error));
  const log = server.connect();
  const { life } = living;
  const running = await startActivator({ log, life, limits });
  const { hooks, upstreams } = running;
  const gateway = createGateway({
    ...{ domain, limits: { bodyBytesMax: 1_000 }, hooks, upstreamOf: upstreams.get },
    trustForwarded: false,
    workloadOf: createHostReader(domain, running.hosts.index),
  });
  registerDrain({ ...running, gateway, life, drainDelayMs, drainMs });
  const { port } = await gateway.listen({ host: '127.0.0.1', port: 0 });
  const tell = tellerOf(server.connect(), await readPartitionCount(log));
  const appear = async (workload: WorkloadKey): Promise<void> => {
    const createdAtMs = systemClock.nowMs();
    const seen = { uid: workload, replicas: 0, createdAtMs, adopted: false, resourceVersion: '1' };
    await tell(workload, 'WorkloadAppeared', seen);
    await expect.poll(() => upstreams.get(workload)).toBeDefined();
  };
  const ask = async (name: string, agent: Agent | false = false): Promise<IncomingMessage> => {
    const headers = { host: `${name}.default.${domain}` };
    const request = get({ host: '127.0.0.1', port, headers, agent });
    const [response] = await once(request, 'response');
    return (response as IncomingMessage).resume();
  };
  const counted = async (workload: WorkloadKey) => {
    const partition = partitionOf(workload, await readPartitionCount(log));
    const subject = subjectOf(
      { workload, partition, pen: 'requests' } as AnyEvent,
      life.incarnation,
    );
    return JSON.parse((await server.connect().events.last(subject))?.body ?? '{}').data;
  };
  const heartbeats = () => server.connect().leases.keys('activator.>');
  return {
    bus,
    living,
    endDelay,
    crashes,
    upstreams,
    gateway,
    port,
    tell,
    appear,
    ask,
    knock,
    counted,
    heartbeats,
  };
};

test('what is in flight is answered, what is held is refused by name, then the count', async () => {
  const story = await openStory(1_500);
  const pod = await startPod();
  await story.appear('default/busy');
  await story.appear('default/waiting');
  const told = { address: pod.address, metricsAddress: null, createdAtMs: 0 };
  await story.tell('default/busy', 'PodAppeared', { pod: 'p1', ...told });
  await story.tell('default/busy', 'PodReady', { pod: 'p1' });
  const busy = story.ask('busy');
  const held = story.ask('waiting');
  const [answered, refused] = [busy, held].map((one) => one.catch((error: unknown) => error));
  await expect.poll(() => pod.waiting.length).toBe(1);
  await expect.poll(() => story.upstreams.get('default/waiting')?.holding.ledger.waiting).toBe(1);
  expect(await story.heartbeats()).toHaveLength(1);
  const drained = story.living.drain();
  await expect.poll(() => knock(story.port)).toBe('ECONNREFUSED');
  for (const response of pod.waiting) response.end('here');
  expect(await answered).toMatchObject({ statusCode: 200 });
  expect(await refused).toMatchObject({ statusCode: 503, headers: { 'retry-after': '1' } });
  await drained;
  expect(await story.counted('default/waiting')).toMatchObject({ shed: 1, waiting: 0 });
  expect(await story.heartbeats()).toEqual([]);
  expect(story.crashes).toEqual([]);
  pod.close();
});

test('while its last count is not stored, its heartbeat stays for the watcher', async () => {
  const story = await openStory(100);
  await story.appear('default/untold');
  const held = story.ask('untold');
  await expect.poll(async () => (await story.counted('default/untold'))?.waiting).toBe(1);
  story.bus.refusesCounts = true;
  const refused = held.catch((error: unknown) => error);
  await story.living.drain();
  expect(await refused).toMatchObject({ statusCode: 503 });
  expect(await story.counted('default/untold')).toMatchObject({ held: 1, waiting: 1 });
  expect(await story.heartbeats()).toHaveLength(1);
  expect(story.crashes).toEqual([]);
});

test('while it is still sent requests, each answer asks its client to go elsewhere', async () => {
  const story = await openStory(1_500, heldDelayMs);
  const pod = await startPod();
  await story.appear('default/busy');
  const told = { address: pod.address, metricsAddress: null, createdAtMs: 0 };
  await story.tell('default/busy', 'PodAppeared', { pod: 'p1', ...told });
  await story.tell('default/busy', 'PodReady', { pod: 'p1' });
  const client = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async () => {
    const answer = story.ask('busy', client);
    await expect.poll(() => pod.waiting.length).toBe(1);
    pod.waiting.pop()?.end('here');
    return (await answer).headers.connection;
  };
  expect(await ask()).toBe('keep-alive');
  const ending = story.living.drain();
  expect(await ask()).toBe('close');
  story.endDelay();
  await ending;
  expect(story.crashes).toEqual([]);
  pod.close();
});
