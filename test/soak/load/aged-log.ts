/**
 * A log that has been in use for a while: nats-server keeps blocks of up to 8 MB of each stream in
 * memory while they are written or read, and what it needs with a log that is new says little of
 * what it will need. Without this its memory is flat only when the first blocks are full, which
 * takes longer than most soaks.
 */
import {
  chainStart,
  encodeEvent,
  encodeUnchained,
  eventFrom,
  partitionOf,
  samplesSubject,
  subjectOf,
  workloadKey,
} from '@flyball/contracts';
import { type Append, connectEventLog, type EventStream } from '@flyball/event-log';
import { type Bed, partitionCount } from '../../faults/bed/bed.ts';

/** Three blocks of the largest size. */
const eventsBytes = 24 * 2 ** 20;
/** One and a half; they are gone after minutes, as all samples. */
const samplesBytes = 12 * 2 ** 20;
const appendsInFlight = 64;
const sampledWorkloads = 20;
const instance = 'aged';
const source = `/flyball/activator/${instance}`;
/** Nobody looks at what a source says of a second that long ago. */
const agoMs = 3_600_000;
const secondMs = 1_000;

/** It never appears: a ledger of nothing, and samples of a time that no window holds. */
const workload = workloadKey('soak', 'aged');
const partition = partitionOf(workload, partitionCount);

const nothing = {
  ...{ held: 0, released: 0, timedOut: 0, shed: 0, abandoned: 0, waiting: 0, waitedMaxMs: 0 },
};

/** The counts of one activator, chained like all history. */
function* oldEvents(sinceMs: number) {
  let chain = chainStart;
  for (let [count, bytes] = [1, 0]; bytes < eventsBytes; count += 1) {
    const event = eventFrom({
      ...{ type: 'RequestsCounted', pen: 'requests', workload, partition, source, data: nothing },
      cause: { id: `${instance}:${count}`, atMs: sinceMs + count },
    });
    const encoded = encodeEvent(event, chain);
    chain = encoded.chain;
    bytes += encoded.body.length;
    yield { subject: subjectOf(event, instance), id: event.id, body: encoded.body };
  }
}

function* oldSamples(sinceMs: number) {
  const rows = { workloads: [], concurrencyMilli: [], requestsMilli: [], inFlight: [] };
  const covered = Array.from({ length: sampledWorkloads }, () => workload);
  for (let [count, bytes] = [1, 0]; bytes < samplesBytes; count += 1) {
    const secondAtMs = sinceMs - (sinceMs % secondMs);
    const data = { source: instance, secondAtMs, partial: false, covered };
    const event = eventFrom({
      ...{ type: 'SamplesReported', pen: 'samples', partition, source },
      data: { ...data, rows: { ...rows, traceparents: [] } },
      cause: { id: `${instance}:${count}`, atMs: sinceMs + count },
    });
    const body = encodeUnchained(event);
    bytes += body.length;
    yield { subject: samplesSubject(partition), id: event.id, body };
  }
}

/** In their order: all go over one connection. */
const appendAll = async (stream: EventStream, messages: Iterable<Append>): Promise<void> => {
  let underWay: Promise<unknown>[] = [];
  for (const message of messages) {
    underWay.push(stream.append(message));
    if (underWay.length < appendsInFlight) continue;
    await Promise.all(underWay);
    underWay = [];
  }
  await Promise.all(underWay);
};

/** Writes it; resolves when all of it is stored. */
export const ageLog = async ({ flyball }: Bed): Promise<void> => {
  const { run, secrets } = flyball.machine;
  const login = { user: 'admin', password: secrets.nats.admin };
  const log = await connectEventLog({ servers: run.natsUrl, ...login, name: 'soak' });
  try {
    const sinceMs = Date.now() - agoMs;
    await appendAll(log.events, oldEvents(sinceMs));
    await appendAll(log.samples, oldSamples(sinceMs));
  } finally {
    await log.close();
  }
};
