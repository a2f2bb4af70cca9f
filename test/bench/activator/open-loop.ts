/** Load at a steady rate, whatever the answers do: what a proxy adds to the time of a request. */
import { Agent, request } from 'node:http';

const stepMs = 1;
/** Requests under way at once; more than that is a proxy that does not keep up. */
const underWayMax = 1_000;

export interface Rate {
  readonly perSecond: number;
  readonly seconds: number;
}

/** One request; the time runs from when it was due, not from when it could be sent. */
const askOnce = (agent: Agent, port: number, host: string, dueMs: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request({ agent, host: '127.0.0.1', port, headers: { host } }, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - dueMs);
        else reject(new Error(`port ${port} answered ${response.statusCode}`));
      });
    });
    asked.once('error', reject);
    asked.end();
  });

/** Milliseconds of every request, in the order in which they were due. */
export const steadyLoad = async (port: number, host: string, rate: Rate): Promise<number[]> => {
  const agent = new Agent({ keepAlive: true, maxSockets: underWayMax });
  const startMs = performance.now();
  const count = rate.perSecond * rate.seconds;
  const under: Promise<number>[] = [];
  const dueMs = (at: number): number => startMs + (at * 1_000) / rate.perSecond;
  while (under.length < count) {
    while (under.length < count && dueMs(under.length) <= performance.now()) {
      under.push(askOnce(agent, port, host, dueMs(under.length)));
    }
    await new Promise((resolve) => setTimeout(resolve, stepMs));
  }
  const tookMs = await Promise.all(under);
  agent.destroy();
  return tookMs;
};
