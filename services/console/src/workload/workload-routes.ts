/** One workload: its lines over time, its explanation, its events, and when something moved. */
import type { WorkloadKey } from '@flyball/contracts';
import {
  explainWorkload,
  isRecorded,
  knownWorkloads,
  nearestTo,
  type Reader,
} from '@flyball/reading';
import type { Clock } from '@flyball/service';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Fleet } from '../fleet/fleet.ts';
import type { FleetSight } from '../fleet/fleet-sight.ts';
import type { BrowserStream } from '../http/browser-stream.ts';
import { answer } from '../http/create-server.ts';
import { openStream } from '../http/open-stream.ts';
import {
  type AnyParams,
  type Given,
  moment,
  readParams,
  whole,
  workloadParam,
} from '../http/params.ts';
import { isRefusal, noLog, type Refusal, refused } from '../http/refusal.ts';
import type { StreamLimit } from '../http/stream-limit.ts';
import { within } from '../http/within.ts';
import {
  answerMsMax,
  type EventsTold,
  type Explanation,
  type Moved,
  type Series,
} from '../wire.ts';
import type { Stretch } from './point-log.ts';
import { seriesOf } from './series-of.ts';
import type { Track } from './track.ts';
import { stretchMsMax, type Tracks } from './tracks.ts';

/** Shown when nothing is said. */
const usualStretchMs = 900_000;
const usualEvents = 200;
const eventsMax = 2_000;
/** A page that looks at a workload is told at most this often. */
const movedEveryMs = 1_000;

export interface WorkloadParts {
  readonly clock: Clock;
  readonly tracks: Tracks;
  readonly fleet: Pick<Fleet, 'row'>;
  readonly sight: Pick<FleetSight, 'onMoved' | 'draw'>;
  readonly streams: StreamLimit;
  /** Undefined while the log cannot be read. */
  readonly reader: () => Reader | undefined;
}

type Request = FastifyRequest<{ Params: { namespace: string; name: string } }>;

const workloadOf = ({ params: { namespace, name } }: Request): WorkloadKey | Refusal => {
  const given = `${namespace}/${name}`;
  const workload = workloadParam.read(given);
  const message = `${JSON.stringify(given)} is no workload: give ${workloadParam.allowed}.`;
  return workload ?? refused('BAD_REQUEST', message);
};

const unknown = async (
  { tracks }: WorkloadParts,
  reader: Reader,
  workload: WorkloadKey,
): Promise<Refusal> => {
  const nearest = nearestTo(workload, await tracks.run(() => knownWorkloads(reader)));
  const meant = nearest.length === 0 ? 'There is none yet.' : `Did you mean ${nearest.join(', ')}?`;
  const message = `No workload ${workload} is recorded here. ${meant}`;
  return refused('UNKNOWN_WORKLOAD', message, nearest);
};

interface StretchAsked {
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

const stretchOf = ({ sinceMs, untilMs }: StretchAsked, nowMs: number): Stretch | Refusal => {
  const toMs = Math.min(untilMs ?? nowMs, nowMs);
  const fromMs = sinceMs ?? toMs - usualStretchMs;
  const said = `sinceMs=${fromMs} and untilMs=${toMs} (now is ${nowMs})`;
  if (fromMs > toMs) return refused('BAD_REQUEST', `${said}: the first must not be the later one.`);
  if (toMs - fromMs <= stretchMsMax) return { fromMs, toMs };
  return refused('BAD_REQUEST', `${said} are too far apart: give at most ${stretchMsMax} ms.`);
};

type Find<Params, Found> = (asked: {
  readonly reader: Reader;
  readonly workload: WorkloadKey;
  readonly params: Params;
}) => Promise<Found | Refusal | undefined>;

const series =
  ({ clock, tracks, fleet, sight }: WorkloadParts): Find<StretchAsked, Series> =>
  async ({ reader, workload, params }) => {
    const stretch = stretchOf(params, clock.nowMs());
    if (isRefusal(stretch)) return stretch;
    const track = await tracks.read(reader, workload, stretch);
    if (track === undefined) return undefined;
    sight.draw();
    const problem = fleet.row(workload)?.problem ?? null;
    return { ...seriesOf(track.events, track.loads, stretch), problem };
  };

const explanation =
  ({ tracks }: WorkloadParts): Find<{ readonly atMs?: number }, Explanation> =>
  async ({ reader, workload, params: { atMs } }) => {
    const explained = await tracks.run(async (signal) =>
      (await isRecorded(reader, workload))
        ? explainWorkload(reader, workload, { atMs, signal })
        : undefined,
    );
    return explained?.explanation;
  };

const events =
  ({
    clock,
    tracks,
  }: WorkloadParts): Find<StretchAsked & { readonly limit?: number }, EventsTold> =>
  async ({ reader, workload, params: { limit = usualEvents, ...given } }) => {
    const nowMs = clock.nowMs();
    const { sinceMs = 0, untilMs = nowMs } = given;
    const stretch = { fromMs: sinceMs, toMs: untilMs };
    // What is kept of a workload that is looked at is often enough, and much cheaper.
    const kept = await tracks.readEvents(reader, workload, { fromMs: nowMs, toMs: nowMs });
    if (kept === undefined) return undefined;
    const found = eventsIn(kept, stretch, limit);
    const isAll = found.events.length === limit || !found.more;
    if (isAll || stretch.fromMs >= kept.stretch().fromMs) return found;
    const whole = await tracks.readEvents(reader, workload, stretch);
    return whole === undefined ? undefined : eventsIn(whole, stretch, limit);
  };

/** There may be more than were found: too many were found, or some of that time are not kept. */
const eventsIn = (
  { events: { told, hasEarlier }, stretch }: Pick<Track, 'events' | 'stretch'>,
  { fromMs, toMs }: Stretch,
  limit: number,
): EventsTold => {
  const all = told.all();
  const found = all.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const isCut = told.isCut && (all[0]?.atMs ?? toMs) > fromMs;
  const isBefore = hasEarlier && fromMs < stretch().fromMs;
  return { events: found.slice(-limit), more: isCut || isBefore || found.length > limit };
};

const tellMoves = (parts: WorkloadParts, stream: BrowserStream, workload: WorkloadKey): void => {
  const { clock, sight } = parts;
  // What moved while this page did not listen is not known: it is to look once.
  let hasMoved = true;
  let isFirst = true;
  let isResting = false;
  let cancel = (): void => undefined;
  const tell = (): void => {
    if (!hasMoved || isResting || !stream.isFree()) return;
    hasMoved = false;
    isResting = true;
    const moved: Moved = { atMs: isFirst ? null : clock.nowMs() };
    isFirst = false;
    stream.send('moved', JSON.stringify(moved));
  };
  const pulse = (): void => {
    isResting = false;
    tell();
    cancel = clock.after(movedEveryMs, pulse);
  };
  const forget = sight.onMoved(workload, () => {
    hasMoved = true;
    tell();
  });
  const end = (): void => {
    forget();
    cancel();
  };
  stream.closed.addEventListener('abort', end, { once: true });
  pulse();
};

/** Adds everything below `/api/workloads/:namespace/:name`. */
export const addWorkloadRoutes = (server: FastifyInstance, parts: WorkloadParts): void => {
  const path = '/api/workloads/:namespace/:name';
  const add = <Params extends AnyParams, Found extends object>(
    below: string,
    params: Params,
    find: Find<Given<Params>, Found>,
  ): void => {
    server.get<{ Params: { namespace: string; name: string } }>(
      `${path}${below}`,
      async (request, reply) => {
        const workload = workloadOf(request);
        const given = readParams(params, request.query);
        const reader = parts.reader();
        if (isRefusal(workload)) return answer(reply, workload);
        if (isRefusal(given)) return answer(reply, given);
        if (reader === undefined) return answer(reply, noLog);
        const findOrRefuse = async () =>
          (await find({ reader, workload, params: given })) ?? unknown(parts, reader, workload);
        return answer(reply, await within(parts.clock, answerMsMax, findOrRefuse()));
      },
    );
  };
  const stretch = { sinceMs: moment, untilMs: moment };
  add('', stretch, series(parts));
  add('/explain', { atMs: moment }, explanation(parts));
  add('/events', { ...stretch, limit: whole(1, eventsMax) }, events(parts));
  server.get<{ Params: { namespace: string; name: string } }>(
    `${path}/changes`,
    (request, reply) => {
      const workload = workloadOf(request);
      if (isRefusal(workload)) {
        answer(reply, workload);
        return;
      }
      const stream = openStream(reply, parts);
      if (stream !== undefined) tellMoves(parts, stream, workload);
    },
  );
};
