/** A tenure in memory that nothing drives: for one step of its loop at a time. */
import { deadLettersSubject } from '@flyball/contracts';
import { windower } from '@flyball/domain';
import { startMemoryServer } from '@flyball/event-log';
import { loneRecovery, openWriter, systemClock } from '@flyball/service';
import { silentTelemetry } from '@flyball/telemetry';
import { createMemoryWindows } from '@flyball/window-store';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createLogChecks } from '../log-checks.ts';
import { createLogTime } from '../log-time.ts';
import { createWindowerMetrics } from '../metrics.ts';
import type { Tenure } from '../tenure.ts';

export const partition = 0;

/** The tenure, its way to the log, and what was put aside in it. */
export const bareTenure = () => {
  const server = startMemoryServer();
  const log = server.connect();
  const registry = new Registry();
  const stop = new AbortController();
  const { signal } = stop;
  const logger = pino({ level: 'silent' });
  const writer = openWriter({
    stream: log.events,
    foldedThroughSeq: 0,
    clock: systemClock,
    signal,
  });
  const tenure: Tenure = {
    checks: createLogChecks({ log, clock: systemClock, signal }, () => tenure),
    ...{ log, partition, stop, signal, over: signal, clock: systemClock, broken: new Set() },
    ...{ ticks: writer, minutes: writer, told: new Map(), foldedSeconds: [], eventId: '' },
    ...{ refoldId: '', from: 'beginning' },
    ...{ eventsCreatedAt: '', samplesCreatedAt: '', storedCursorSeq: undefined },
    ...{ samplesId: '', fencedBy: undefined, failure: undefined },
    ...{ mirrorCheckEveryMs: 1_000, onStoreStatus: () => undefined },
    logTime: createLogTime({ clock: systemClock, onAhead: () => undefined }),
    store: createMemoryWindows().open(),
    ...{
      ownership: { isHeld: () => true, partitionCount: 1 },
      recovery: loneRecovery,
      isInformed: false,
    },
    metrics: createWindowerMetrics(registry),
    state: windower.initialState(partition),
    life: {
      ...{ service: 'windower', instance: '1', incarnation: '1-a', signal, logger },
      ...{ metrics: registry, telemetry: silentTelemetry, clock: systemClock, random: () => 0 },
      readiness: () => ({ set: () => undefined }),
      onDrain: () => undefined,
      onClose: () => undefined,
      run: () => undefined,
      announce: () => undefined,
      crash: () => undefined,
    },
  };
  const deadLetters = async () => {
    const filter = deadLettersSubject(partition, 'windower');
    const found: { readonly code: string; readonly seq: number; readonly stream: string }[] = [];
    const reading = { filter, afterSeq: 0, signal: AbortSignal.timeout(5_000) };
    for await (const some of log.deadLetters.readToEnd(reading)) {
      found.push(...some.map(({ body }) => JSON.parse(body).data));
    }
    return found;
  };
  return { tenure, deadLetters, server, link: log };
};
