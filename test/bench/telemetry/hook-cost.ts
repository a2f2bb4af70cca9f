/** What the activator's own turns of a request cost, without the network: off, on, and told. */
import { cpuUsage, pid } from 'node:process';
import { type RequestHooks, startActivator, type Upstream } from '@flyball/activator';
import {
  chainStart,
  type EventDataByName,
  encodeEvent,
  eventFrom,
  type Pen,
  partitionOf,
  subjectOf,
  type WorkloadKey,
} from '@flyball/contracts';
import { type EventLog, readPartitionCount, startMemoryServer } from '@flyball/event-log';
import { defaultAutoscalerConfig, resolvePolicy } from '@flyball/knative';
import type { Pod, ProxyRequest } from '@flyball/proxy';
import { beginLife, systemClock } from '@flyball/service';
import { silentTelemetry, type Telemetry } from '@flyball/telemetry';
import { pino } from 'pino';
import type { BenchContext } from '../bench-context.ts';
import type { Ledger, Phase } from '../pipeline/phase.ts';
import type { Figure } from '../report/figure.ts';
import { figures } from './figures.ts';

const workload: WorkloadKey = 'default/app';
/** Requests of one value. */
const requestsCount = { fast: 100_000, usual: 300_000 } as const;
/** Before the first value: what is not compiled yet. */
const warmUps = 3;
const nanosecondsPerMicrosecond = 1_000;
const limits = {
  heldRequestsMax: 100,
  heldBytesMax: 1e6,
  heldPerWorkloadMax: 100,
  holdMsMax: 10_000,
};

/** Everything is told to somebody who forgets it: what is measured is the making. */
const forgetful: Telemetry = { isOn: true, tell: () => undefined, close: async () => undefined };

interface Variant {
  readonly figure: Figure;
  readonly telemetry: Telemetry;
  readonly ratio: number;
}

const variants: readonly Variant[] = [
  { figure: figures.hooksOff, telemetry: silentTelemetry, ratio: 1 },
  { figure: figures.hooksOn, telemetry: forgetful, ratio: 0 },
  { figure: figures.hooksTold, telemetry: forgetful, ratio: 1 },
];

const tell = async <Name extends 'WorkloadAppeared' | 'PolicySet'>(
  log: EventLog,
  pen: Pen,
  type: Name,
  data: EventDataByName[Name],
): Promise<void> => {
  const event = eventFrom({
    ...{ type, pen, workload, data, source: '/flyball/bench' },
    partition: partitionOf(workload, await readPartitionCount(log)),
    cause: { id: `bench:${pid}:${type}`, atMs: Date.now() },
  });
  const { body } = encodeEvent(event, chainStart);
  await log.events.append({ subject: subjectOf(event), id: event.id, body, expectedLastSeq: 0 });
};

interface Opened {
  readonly figure: Figure;
  readonly hooks: RequestHooks;
  readonly upstream: Upstream;
  readonly pod: Pod;
}

const open = async (stack: AsyncDisposableStack, variant: Variant): Promise<Opened> => {
  const log = startMemoryServer().connect();
  const begun = { uid: 'u', replicas: 1, createdAtMs: 1, adopted: false, resourceVersion: '1' };
  await tell(log, 'platform', 'WorkloadAppeared', begun);
  const { policy, layers } = resolvePolicy({ config: defaultAutoscalerConfig, annotations: {} });
  await tell(log, 'policy', 'PolicySet', { policy, layers, warnings: [] });
  const living = beginLife({
    ...{ service: 'activator', instance: 'bench', clock: systemClock },
    ...{ telemetry: variant.telemetry, logger: pino({ level: 'silent' }), random: Math.random },
    onCrash: (error) => {
      throw error;
    },
  });
  stack.defer(async () => {
    await living.drain();
    await log.close();
  });
  const parts = { log, life: living.life, limits, tracesRatio: variant.ratio };
  const { hooks, upstreams } = await startActivator(parts);
  const upstream = upstreams.get(workload);
  if (upstream === undefined) throw new Error('the activator does not know the workload');
  const place = { id: 'app-1', host: '127.0.0.1', port: 1, reachable: true };
  return { figure: variant.figure, hooks, upstream, pod: upstream.pods.add(place) };
};

const requestTo = (pod: Pod): ProxyRequest => ({
  ...{ method: 'GET', path: '/', host: 'app.default.example.com', httpVersion: '1.1' },
  ...{ remoteAddress: '127.0.0.1', rawHeaders: [], traceparent: null, marked: false },
  ...{ upgrade: null, pod, note: null },
});

/** Nanoseconds of processor time, of all threads, for one request's turns. */
const turnsOf = ({ hooks, upstream, pod }: Opened, count: number): number => {
  const request = requestTo(pod);
  const before = cpuUsage();
  for (let at = 0; at < count; at += 1) {
    request.note = null;
    hooks.onStart(upstream, request);
    hooks.onSent(upstream, request);
    hooks.onFirstByte(upstream, request);
    hooks.onEnd(upstream, request, 200, 'answered');
  }
  const { user, system } = cpuUsage(before);
  return ((user + system) * nanosecondsPerMicrosecond) / count;
};

const measure = async (
  ledger: Ledger,
  { fast, signal }: BenchContext,
  rounds: number,
): Promise<void> => {
  await using stack = new AsyncDisposableStack();
  const opened: Opened[] = [];
  for (const variant of variants) opened.push(await open(stack, variant));
  const count = fast ? requestsCount.fast : requestsCount.usual;
  for (let at = 0; at < warmUps; at += 1) for (const one of opened) turnsOf(one, count);
  for (let round = 0; round < rounds && !signal.aborted; round += 1) {
    const order = round % 2 === 0 ? opened : opened.toReversed();
    for (const one of order) ledger.add(one.figure, turnsOf(one, count));
  }
};

/** In this process, one thread, without sockets; what a request costs in all is `requestCost`. */
export const hookCost = (context: BenchContext, rounds: number): Phase => ({
  title: "The activator's own turns of a request: off, on, and told",
  figures: variants.map(({ figure }) => figure),
  run: (ledger) => measure(ledger, context, rounds),
});
