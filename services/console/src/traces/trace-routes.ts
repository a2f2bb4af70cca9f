/** Traces: what the services tell is kept, listed, and shown with the events beside it. */
import type { WorkloadKey } from '@flyball/contracts';
import type { Reader } from '@flyball/reading';
import type { Clock } from '@flyball/service';
import {
  createTraceSink,
  type KeptTrace,
  listedTracesMax,
  type TraceStore,
} from '@flyball/telemetry/sink';
import type { FastifyInstance } from 'fastify';
import { answer } from '../http/create-server.ts';
import { oneOf, readParams, whole, workloadParam } from '../http/params.ts';
import { isRefusal, noLog, type Refusal, refusalOf, refused } from '../http/refusal.ts';
import { within } from '../http/within.ts';
import { type TraceTold, traceKinds, tracesAnswerMsMax } from '../wire.ts';
import type { Tracks } from '../workload/tracks.ts';

/** An event is stored near its span's time, by another process' clock. */
const clocksApartMs = 60_000;
const listedUsually = 100;
/** Workloads of one trace whose events are read: whoever sends spans may name as many as spans. */
const workloadsReadMax = 4;

export interface TraceParts {
  readonly store: TraceStore;
  readonly tracks: Pick<Tracks, 'readEvents'>;
  readonly clock: Clock;
  /** Undefined while the log cannot be read. */
  readonly reader: () => Reader | undefined;
}

const listParams = {
  workload: workloadParam,
  kind: oneOf(traceKinds),
  minMs: whole(0, 86_400_000, 'a whole number of milliseconds'),
  limit: whole(1, listedTracesMax),
};

/** Its own first; without what is no name: whoever sends spans may have written anything. */
const workloadsOf = ({ summary: { workloads } }: KeptTrace): readonly WorkloadKey[] =>
  workloads.flatMap((name) => workloadParam.read(name) ?? []).slice(0, workloadsReadMax);

/** Of the trace's workloads, around its time, in the order of the log. */
const eventsOf = async (
  { tracks, reader, clock }: TraceParts,
  kept: KeptTrace,
): Promise<Pick<TraceTold, 'events' | 'eventsAway'>> => {
  const { traceId, startMs, durationMs } = kept.summary;
  const workloads = workloadsOf(kept);
  const from = reader();
  if (workloads.length === 0) return { events: [], eventsAway: null };
  if (from === undefined) return { events: [], eventsAway: noLog.error.message };
  const around = {
    fromMs: Math.floor(startMs - clocksApartMs),
    toMs: Math.ceil(startMs + durationMs + clocksApartMs),
  };
  try {
    const reading = Promise.all(
      workloads.map((workload) => tracks.readEvents(from, workload, around)),
    );
    const read = await within(clock, tracesAnswerMsMax, reading);
    const events = read
      .flatMap((track) => track?.events.told.all() ?? [])
      .filter((event) => event.traceId === traceId)
      .sort((one, other) => one.seq - other.seq);
    return { events, eventsAway: null };
  } catch (error) {
    // The spans are in memory: they are shown whatever is the matter with the log.
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    return { events: [], eventsAway: refusal.error.message };
  }
};

const idPattern = /^[0-9a-f]{1,32}$/;

const unknownTrace = (store: TraceStore, id: string): Refusal => {
  const ids = store.idsFrom(id);
  if (ids.length > 1) {
    const some = ids.slice(0, 3).join(', ');
    return refused('UNKNOWN_TRACE', `${ids.length} traces begin with ${id} (${some}): give more.`);
  }
  const { traces } = store.counts();
  const kept = `${traces} traces are kept, the newest; an older one is gone`;
  return refused('UNKNOWN_TRACE', `No trace that is kept begins with ${id}: ${kept}.`);
};

const oneTrace = async (parts: TraceParts, id: string): Promise<TraceTold | Refusal> => {
  if (!idPattern.test(id)) {
    const message = `${JSON.stringify(id)} is no trace: give up to 32 hex digits in lower case.`;
    return refused('BAD_REQUEST', message);
  }
  const kept = parts.store.get(id);
  if (kept === undefined) return unknownTrace(parts.store, id);
  return { ...kept, ...(await eventsOf(parts, kept)) };
};

/** Adds `POST /v1/traces`, `GET /api/traces` and `GET /api/traces/:id`. */
export const addTraceRoutes = async (server: FastifyInstance, parts: TraceParts): Promise<void> => {
  const { store } = parts;
  const sink = createTraceSink({ store });
  // The sink reads bodies itself: of both types, packed or not.
  await server.register((sinkServer, _options, done) => {
    sinkServer.removeAllContentTypeParsers();
    sinkServer.addContentTypeParser(
      '*',
      { parseAs: 'buffer' },
      async (_: unknown, body: Buffer) => body,
    );
    sinkServer.post('/v1/traces', async (request, reply) => {
      const { headers, body } = request;
      const taken = body instanceof Uint8Array ? body : new Uint8Array();
      const told = sink.handle(headers['content-type'], headers['content-encoding'], taken);
      return reply.code(told.status).type(told.contentType).send(Buffer.from(told.body));
    });
    done();
  });
  server.get('/api/traces', async (request, reply) => {
    const query = readParams(listParams, request.query);
    if (isRefusal(query)) return answer(reply, query);
    return answer(reply, store.list({ limit: listedUsually, ...query }));
  });
  server.get<{ Params: { id: string } }>('/api/traces/:id', async (request, reply) =>
    answer(reply, await oneTrace(parts, request.params.id)),
  );
};
