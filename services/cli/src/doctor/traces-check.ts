/** Do traces arrive where they are kept? */
import { OutsideError } from '@flyball/contracts';
import { duration } from '@flyball/reading';
import { createConsoleClient } from '../traces/console-client.ts';
import { advised, type Check, passed } from './check.ts';

const answerWithinMs = 3_000;

/** OTLP with nothing in it: taken like any other, and nothing is kept of it. */
const emptyBatch = JSON.stringify({ resourceSpans: [] });

/** Why the console does not take them; undefined when it does. */
const refusal = async (consoleUrl: string): Promise<string | undefined> => {
  try {
    const answer = await fetch(new URL('/v1/traces', consoleUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: emptyBatch,
      signal: AbortSignal.timeout(answerWithinMs),
    });
    return answer.ok ? undefined : `answers ${answer.status} to spans`;
  } catch (error) {
    return `takes none: ${error instanceof Error ? error.message : String(error)}`;
  }
};

const mend =
  'Look into logs/console.log of the data folder, and for "spans" in those of the stages.';

/** Sends an empty batch, and looks at what has come. */
export const checkTraces = async (
  consoleUrl: string,
  nowMs: number = Date.now(),
): Promise<Check> => {
  const refused = await refusal(consoleUrl);
  if (refused !== undefined) return advised('traces', `the console ${refused}`, mend);
  try {
    const client = createConsoleClient(consoleUrl, AbortSignal.timeout(answerWithinMs));
    const [newest] = await client.list({ limit: 1 });
    if (newest === undefined) return passed('traces', 'none yet: no decision, no cold start');
    const ago = duration(Math.max(0, nowMs - newest.startMs - newest.durationMs));
    return passed('traces', `the newest ended ${ago} ago (${newest.kind})`);
  } catch (error) {
    if (error instanceof OutsideError) return advised('traces', error.message, mend);
    throw error;
  }
};
