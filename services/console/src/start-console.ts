/** Wires the console: what it follows, what it serves, and how it ends. */
import type { EventLog } from '@flyball/event-log';
import { type Life, sleep } from '@flyball/service';
import { createTraceStore } from '@flyball/telemetry/sink';
import { createFleet } from './fleet/fleet.ts';
import { addFleetRoutes } from './fleet/fleet-routes.ts';
import { createFleetSight, type FleetSight } from './fleet/fleet-sight.ts';
import { createServer, listen } from './http/create-server.ts';
import { createStreamLimit } from './http/stream-limit.ts';
import { createLogFollower } from './log/follow-log.ts';
import { collectConsoleMetrics } from './metrics.ts';
import { addPageRoutes, type PageFiles } from './page-files.ts';
import { roomForTraces } from './traces/room-for-traces.ts';
import { addTraceRoutes } from './traces/trace-routes.ts';
import { createTracks } from './workload/tracks.ts';
import { addWorkloadRoutes } from './workload/workload-routes.ts';

export interface ConsoleParts {
  readonly log: EventLog;
  readonly life: Life;
  readonly page: PageFiles;
  readonly consoleHost: string;
  /** 0 takes a free one. */
  readonly consolePort: number;
  /** Names under which it may be asked for, with commas between. */
  readonly consoleHosts: string;
  readonly consoleStreamsMax: number;
  readonly consoleTracesMax: number;
}

/** Whether every partition was read is looked at this often. */
const lookEveryMs = 250;

/** Says what is not seen; sets the condition of readiness by the way. */
const createAway = ({ log, life }: ConsoleParts, sight: FleetSight) => {
  let reason: string | null = 'The log is not open yet.';
  const caughtUp = life.readiness('log');
  const away = (): string | null => {
    if (log.status() !== 'connected') return 'NATS is away: shown is what was seen last.';
    if (reason !== null) return reason;
    const behind = sight.behind().length;
    return behind > 0
      ? `${behind} of ${sight.tickAtMs().length} partitions are still being read.`
      : sight.silence(life.clock.nowMs());
  };
  const look = (): void => {
    const isCaughtUp = reason === null && sight.behind().length === 0;
    caughtUp.set(isCaughtUp, isCaughtUp ? 'every partition is read' : (away() ?? 'reading'));
  };
  const set = (why: string | null): void => {
    reason = why;
  };
  return { away, look, set };
};

/** Listens, and follows the log until the life ends. Rejects with PORT_IN_USE. */
export const startConsole = async (parts: ConsoleParts): Promise<void> => {
  const { log, life, consoleHost: host, consolePort: port } = parts;
  const { clock, logger, signal } = life;
  const fleet = createFleet();
  const sight = createFleetSight(fleet);
  const streams = createStreamLimit(parts.consoleStreamsMax);
  const tracks = createTracks(signal);
  const store = createTraceStore(roomForTraces(parts.consoleTracesMax));
  const { away, look, set } = createAway(parts, sight);
  const follower = createLogFollower({
    log,
    clock,
    sight,
    onAnew: () => tracks.clear(),
    onAway: (reason) => {
      set(reason);
      if (reason !== null) logger.warn({ reason }, 'the log cannot be read; trying again');
    },
  });
  const { reader } = follower;

  const server = createServer(parts.consoleHosts.split(',').filter(Boolean), logger);
  addPageRoutes(server, parts.page);
  addFleetRoutes(server, { fleet, sight, clock, streams, away });
  addWorkloadRoutes(server, { clock, tracks, fleet, sight, streams, reader });
  await addTraceRoutes(server, { store, tracks, clock, reader });
  collectConsoleMetrics(life, { fleet, sight, streams, store });
  life.onDrain('browsers', async () => {
    streams.endAll();
    await server.close();
  });
  life.announce({ consoleUrl: await listen(server, { host, port }) });
  life.run('follow', follower.run);
  life.run('look', async () => {
    while (!signal.aborted) {
      look();
      await sleep(clock, lookEveryMs, signal);
    }
  });
};
