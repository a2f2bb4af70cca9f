/** A whole activator over a log in memory, on a real port, whose spans are remembered. */
import {
  decodeEvent,
  type EventDataByName,
  type EventName,
  eventFrom,
  type FlyballEvent,
  type Pen,
  partitionOf,
  type RecordedEvent,
  type WorkloadKey,
} from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import { readPartitionCount, startMemoryServer } from '@flyball/event-log';
import { beginLife, systemClock } from '@flyball/service';
import { createTeller } from '@flyball/service/testing';
import { attributeNames, type FinishedSpan, silentTelemetry } from '@flyball/telemetry';
import { recordingTelemetry } from '@flyball/telemetry/testing';
import { pino } from 'pino';
import { onTestFinished, vi } from 'vitest';
import { createGateway } from '../gateway.ts';
import { createHostReader } from '../host-reader.ts';
import { startActivator } from '../start-activator.ts';

export const workload: WorkloadKey = 'default/web';
export const host = 'web.default.example.com';
const waitMsMax = 15_000;

export interface TracedOptions {
  readonly ratio?: number;
  /** False: nobody listens. */
  readonly isOn?: boolean;
  readonly holdMsMax?: number;
  readonly heldPerWorkloadMax?: number;
}

interface PodMore {
  readonly name?: string;
  readonly protocol?: 'h2c';
}

/** Waits until it does not throw, and gives what it gave. */
export const eventually = <Value>(look: () => Value): Promise<Value> =>
  vi.waitFor(look, { timeout: waitMsMax, interval: 5 });

const decidedData = (to: number): EventDataByName['Decided'] => ({
  ...{ from: 0, to, mode: 'stable', panicSinceMs: null, routing: 'activator' },
  ...{ changed: ['replicas'], reason: 'one waits', routingReason: 'no pod is ready' },
  ...{ binding: 'wanted', rules: [], excessBurstCapacity: -1, activators: 1 },
  inputs: {
    ...{ stableAverage: 1, panicAverage: 1, inFlight: 1, seen: 'measured', coveredAtMs: 1 },
    ...{ readyPods: 0, startingPods: 0, targetValue: 7, reachable: true },
  },
  ...{ policyId: 'policy', algorithm: 1 },
});

/** Writes what other services would have written. */
const createFacts = async (server: ReturnType<typeof startMemoryServer>) => {
  const log = server.connect();
  const append = createTeller(log);
  const count = await readPartitionCount(log);
  let told = 0;
  return async <Name extends EventName>(
    pen: Pen,
    type: Name,
    data: EventDataByName[Name],
    traceparent?: string,
  ): Promise<FlyballEvent<Name>> => {
    told += 1;
    const cause = { id: `facts:${told}`, atMs: Date.now() };
    const event = eventFrom({
      ...{ type, pen, workload, partition: partitionOf(workload, count), data },
      source: '/flyball/facts',
      cause: traceparent === undefined ? cause : { ...cause, traceparent },
    });
    await append(event);
    return event;
  };
};

/** What was written of the workload, in order. */
const followEvents = (server: ReturnType<typeof startMemoryServer>) => {
  const events: RecordedEvent[] = [];
  server.onStored('EVENTS', ({ body, subject, seq }) => {
    const decoded = decodeEvent(body, subject, seq);
    if (decoded.ok) events.push(decoded.event);
  });
  return <Name extends EventName>(type: Name) =>
    events.filter((event): event is Extract<RecordedEvent, { type: Name }> => event.type === type);
};

const open = async (options: TracedOptions) => {
  const server = startMemoryServer();
  const log = server.connect();
  const recording = recordingTelemetry();
  const telemetry = options.isOn === false ? silentTelemetry : recording;
  const living = beginLife({
    ...{ service: 'activator', instance: 'gw0', clock: systemClock, telemetry },
    logger: pino({ level: 'silent' }),
    random: () => 0.5,
    onCrash: (error) => {
      throw error;
    },
  });
  const running = await startActivator({
    ...{ log, life: living.life, tracesRatio: options.ratio ?? 0 },
    limits: {
      heldRequestsMax: 100,
      heldBytesMax: 1e7,
      heldPerWorkloadMax: options.heldPerWorkloadMax ?? 100,
      holdMsMax: options.holdMsMax ?? waitMsMax,
    },
  });
  const { hooks, upstreams, hosts } = running;
  const gateway = createGateway({
    ...{ domain: 'example.com', limits: {}, hooks, upstreamOf: upstreams.get },
    trustForwarded: false,
    workloadOf: createHostReader('example.com', hosts.index),
  });
  const { port } = await gateway.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    for (const { holding } of upstreams.all()) holding.shedAll();
    await gateway.drain({ graceMs: 0 });
    await living.drain();
    await log.close();
  });
  return { server, upstreams, port, spans: recording.spans };
};

/** Begins with one workload at zero. */
export const openTraced = async (options: TracedOptions = {}) => {
  const { server, upstreams, port, spans } = await open(options);
  const tell = await createFacts(server);
  const phase = (span: FinishedSpan) => span.attributes[attributeNames.phase];
  const begun = { uid: 'u', replicas: 0, createdAtMs: 1, adopted: false, resourceVersion: '1' };
  const eventsOf = followEvents(server);
  await tell('platform', 'WorkloadAppeared', begun);
  await tell('policy', 'PolicySet', { policy: storyPolicy, layers: {}, warnings: [] });
  await eventually(() => {
    if (upstreams.get(workload)?.policy == null) throw new Error('the workload is not known');
  });
  return {
    port,
    spans,
    eventsOf,
    upstream: () => upstreams.get(workload),
    /** Those of a phase, once there are so many. */
    told: (name: string, count = 1): Promise<FinishedSpan[]> =>
      eventually(() => {
        const found = spans.filter((span) => phase(span) === name);
        if (found.length < count) throw new Error(`${found.length} spans of ${name}`);
        return found;
      }),
    waiting: (count: number) =>
      eventually(() => {
        const waits = upstreams.get(workload)?.holding.ledger.waiting;
        if (waits !== count) throw new Error(`${waits} wait`);
      }),
    decide: (to: number, traceparent?: string) =>
      tell('decisions', 'Decided', decidedData(to), traceparent),
    apply: (decisionId: string, traceparent?: string) =>
      tell(
        'actions',
        'ScaleApplied',
        {
          ...{ from: 0, to: 1, decisionId, appliedAtMs: Date.now(), attempt: 1 },
          ...{ resourceVersion: '2', because: 'decided' },
        },
        traceparent,
      ),
    /** At 127.0.0.1; its address is not known without a port. */
    pod: (podPort: number | null, { name = 'web-1', protocol }: PodMore = {}) =>
      tell('platform', 'PodAppeared', {
        pod: name,
        address: podPort === null ? null : `127.0.0.1:${podPort}`,
        ...{ metricsAddress: null, createdAtMs: Date.now() },
        ...(protocol === undefined ? {} : { protocol }),
      }),
    /** Once the activator knows of its pod, with an address or without. */
    seesPod: () =>
      eventually(() => {
        if (upstreams.get(workload)?.route?.pods['web-1'] == null) throw new Error('no pod');
      }),
    ready: () => tell('platform', 'PodReady', { pod: 'web-1' }),
  };
};

export type Traced = Awaited<ReturnType<typeof openTraced>>;
