/** A process that asks the gateway, a fixed number at a time, and counts how each request ended. */
import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { askToEnd } from './ask-to-end.ts';
import { type LoadReport, loadPlanSchema, type Outcome, type Stream } from './load-wire.ts';

const reportEveryMs = 100;
/** A connection that failed is not tried again at once: the gateway may be away. */
const pauseAfterFailureMs = 50;
const requestLimitMs = 60_000;

const plan = loadPlanSchema.parse(JSON.parse(process.argv[2] ?? ''));
const counts = { sent: 0, answered: 0, heldSent: 0, heldAnswered: 0 };
const pending = new Map<number, number>();
let failures: Outcome[] = [];
let stopped = false;
let lastId = 0;

const askOnce = async (stream: Stream, agent: Agent): Promise<string> => {
  lastId += 1;
  const id = lastId;
  const sentAtMs = Date.now();
  if (stream.held) counts.heldSent += 1;
  else {
    counts.sent += 1;
    pending.set(id, sentAtMs);
  }
  const how = await askToEnd({
    url: `${plan.gatewayUrl}${stream.path}`,
    host: stream.host,
    agent,
    limitMs: stream.held ? plan.heldLimitMs : requestLimitMs,
  });
  pending.delete(id);
  if (how === '200' && !stream.held) counts.answered += 1;
  else if (how === '200') counts.heldAnswered += 1;
  else failures.push({ workload: stream.workload, how, sentAtMs, endedAtMs: Date.now() });
  return how;
};

const askAgainAndAgain = async (stream: Stream): Promise<void> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (!stopped) {
    const how = await askOnce(stream, agent);
    if (how !== '200') await wait(pauseAfterFailureMs);
  }
};

const report = (): void => {
  const oldestSentAtMs = Math.min(Date.now(), ...pending.values());
  const message: LoadReport = { ...counts, pending: pending.size, oldestSentAtMs, failures };
  failures = [];
  process.send?.(message);
};

process.once('disconnect', () => process.exit(0));
process.on('message', () => {
  stopped = true;
});
for (const stream of plan.streams) {
  for (let index = 0; index < stream.atOnce; index += 1) void askAgainAndAgain(stream);
}
setInterval(report, reportEveryMs);
