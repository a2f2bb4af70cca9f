/** The fleet as a stream: everything at first, then what changed. */
import type { Clock } from '@flyball/service';
import type { FastifyInstance } from 'fastify';
import type { BrowserStream } from '../http/browser-stream.ts';
import { openStream } from '../http/open-stream.ts';
import type { StreamLimit } from '../http/stream-limit.ts';
import type { FleetAway } from '../wire.ts';
import type { Fleet, FleetNews } from './fleet.ts';
import type { FleetSight } from './fleet-sight.ts';

/** A browser is told at most this often. */
const pulseMs = 1_000;

export interface FleetParts {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly streams: StreamLimit;
  readonly sight: Pick<FleetSight, 'draw' | 'tickAtMs'>;
  /** What cannot be seen now, in a sentence; null: all is seen. */
  readonly away: () => string | null;
}

interface Told {
  version: number;
  ticks: string;
  /** Undefined: not told yet, and the browser may remember what another stream told it. */
  away: string | null | undefined;
}

/** The rows are JSON already. */
const withRows = (json: Readonly<Record<string, unknown>>, rows: readonly string[]): string => {
  const rest = JSON.stringify(json).slice(1);
  return `{"rows":[${rows.join()}],${rest}`;
};

const tellWhole = ({ fleet, clock }: FleetParts, stream: BrowserStream, ticks: string): number => {
  const { version, rows, more } = fleet.all();
  const told = { atMs: clock.nowMs(), more, tickAtMs: JSON.parse(ticks) };
  stream.send('fleet', withRows(told, rows));
  return version;
};

const tellChange = (
  { clock }: FleetParts,
  stream: BrowserStream,
  { rows, gone }: FleetNews,
  ticks: string,
): void =>
  stream.send('rows', withRows({ atMs: clock.nowMs(), gone, tickAtMs: JSON.parse(ticks) }, rows));

const tellAway = ({ clock }: FleetParts, stream: BrowserStream, reason: string | null): void => {
  const told: FleetAway = { atMs: clock.nowMs(), reason };
  stream.send('away', JSON.stringify(told));
};

/** Tells what this browser has not seen; nothing while it has not taken what it was told. */
const tellNews = (parts: FleetParts, stream: BrowserStream, told: Told): void => {
  parts.sight.draw();
  const news = parts.fleet.since(told.version);
  const ticks = JSON.stringify(parts.sight.tickAtMs());
  if (news === undefined) told.version = tellWhole(parts, stream, ticks);
  else {
    const isNew = news.rows.length > 0 || news.gone.length > 0 || ticks !== told.ticks;
    if (isNew) tellChange(parts, stream, news, ticks);
    told.version = news.version;
  }
  told.ticks = ticks;
  const away = parts.away();
  if (away !== told.away) tellAway(parts, stream, away);
  told.away = away;
};

const follow = (parts: FleetParts, stream: BrowserStream): void => {
  parts.sight.draw();
  const ticks = JSON.stringify(parts.sight.tickAtMs());
  const told: Told = { version: tellWhole(parts, stream, ticks), ticks, away: undefined };
  let cancel = (): void => undefined;
  const pulse = (): void => {
    if (stream.closed.aborted) return;
    if (stream.isFree()) tellNews(parts, stream, told);
    cancel = parts.clock.after(pulseMs, pulse);
  };
  stream.closed.addEventListener('abort', () => cancel(), { once: true });
  pulse();
};

/** Adds `GET /api/fleet`. */
export const addFleetRoutes = (server: FastifyInstance, parts: FleetParts): void => {
  server.get('/api/fleet', (_request, reply) => {
    const stream = openStream(reply, parts);
    if (stream !== undefined) follow(parts, stream);
  });
};
