/** A process that asks the gateway, a fixed number at a time, and counts how each request ended. */
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
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

const codeOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
};

const readToEnd = async (response: IncomingMessage): Promise<void> => {
  for await (const _chunk of response);
  if (!response.complete) throw Object.assign(new Error('cut'), { code: 'ECONNRESET' });
};

/** Resolves with how the request ended: `200`, another status, or the error of its connection. */
const ask = (stream: Stream, agent: Agent, limitMs: number): Promise<string> =>
  new Promise((resolve) => {
    const url = `${plan.gatewayUrl}${stream.path}`;
    const asked = request(url, { agent, headers: { host: stream.host }, timeout: limitMs });
    asked.once('timeout', () => asked.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })));
    asked.once('error', (error) => resolve(codeOf(error)));
    asked.once('response', (response) => {
      readToEnd(response).then(
        () => resolve(String(response.statusCode)),
        (error: unknown) => resolve(codeOf(error)),
      );
    });
    asked.end();
  });

const askOnce = async (stream: Stream, agent: Agent): Promise<string> => {
  lastId += 1;
  const id = lastId;
  const sentAtMs = Date.now();
  if (stream.held) counts.heldSent += 1;
  else {
    counts.sent += 1;
    pending.set(id, sentAtMs);
  }
  const how = await ask(stream, agent, stream.held ? plan.heldLimitMs : requestLimitMs);
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
