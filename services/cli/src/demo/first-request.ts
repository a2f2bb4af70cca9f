/** The first request of the demo as a waterfall: where the time of a cold start goes. */
import { setTimeout as wait } from 'node:timers/promises';
import { type AnyEvent, OutsideError } from '@flyball/contracts';
import { traceIdOfEvent } from '@flyball/telemetry';
import type { Terminal } from '../output/terminal.ts';
import { createConsoleClient } from '../traces/console-client.ts';
import type { ShownTrace } from '../traces/shown-trace.ts';
import { waterfallLines } from '../traces/waterfall-lines.ts';

const pollMs = 250;
/** Spans are sent in batches, so the last ones come a few seconds after the answer. */
const arrivedLimitMs = 15_000;

/** One from each stage of the way: then all of it is there. */
const isWhole = ({ summary }: ShownTrace): boolean =>
  ['received', 'decide', 'apply'].every((wanted) =>
    summary.phases.some(({ phase }) => phase === wanted),
  );

const indented = 2;

/** Its lines, or why there are none; never rejects for what the console does. */
export const firstRequestLines = async (
  terminal: Terminal,
  consoleUrl: string,
  coldStart: AnyEvent & { readonly type: 'ColdStartCompleted' },
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const client = createConsoleClient(consoleUrl, signal);
  const untilMs = performance.now() + arrivedLimitMs;
  try {
    for (;;) {
      const told = await client.get(traceIdOfEvent(coldStart));
      const trace = typeof told === 'string' ? undefined : { ...told, source: 'console' as const };
      const isLate = performance.now() > untilMs;
      if (trace !== undefined && (isWhole(trace) || isLate)) {
        const { columns } = terminal;
        const narrower = { ...terminal, columns: columns - indented };
        return ['', ...waterfallLines(narrower, trace, trace.summary.startMs)];
      }
      if (isLate) return ['', 'Its trace has not arrived; `flyball doctor` may know why.'];
      await wait(pollMs, undefined, { signal });
    }
  } catch (error) {
    if (error instanceof OutsideError) return ['', error.message];
    throw error;
  }
};
