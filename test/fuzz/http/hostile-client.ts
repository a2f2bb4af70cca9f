/** Sends hostile bytes over a connection of its own, and judges what of them a pod was given. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { untilTrue } from '../../integration/data-plane/waiting.ts';
import type { HostileBytes } from './hostile-bytes.ts';
import type { HostileFrames } from './hostile-frames.ts';
import type { StrictPod } from './strict-pod.ts';
import { readStrictly, type StrictRequest } from './strict-requests.ts';

export interface Attacked {
  readonly port: number;
  readonly pod: StrictPod;
  /** Requests that clients have meant and no pod was given yet. */
  readonly meant: string[];
  count: number;
  isAlive(): boolean;
  /** The end of the proxy's log. */
  log(): string;
  /** Requests in flight by the proxy's own count. */
  inFlight(): Promise<number>;
  /** What the headers of every request to the pod must be, whatever the client says. */
  judgeHeaders(headers: StrictRequest['headers']): void;
}

/** Of what was meant long ago nothing comes any more. */
const meantMax = 50;
/** So long without a byte: nothing more will come on this connection. */
const quietMs = 15;
const quietPolls = 3;

/** Everything that came back until it was closed, or nothing came any more. */
export const exchange = async (
  port: number,
  { bytes, cuts, breaks = false }: HostileBytes,
): Promise<string> => {
  // Who is to break it must not close it first, as the end of the other half would have it do.
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: breaks });
  socket.setNoDelay(true).setEncoding('latin1');
  let text = '';
  let isClosed = false;
  socket.on('data', (some: string) => {
    text += some;
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    isClosed = true;
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    if (isClosed) break;
    socket.write(bytes.slice(from, cut), 'latin1');
    from = cut;
    await sleep(1);
  }
  let known = -1;
  for (let quiet = 0; quiet < quietPolls && !isClosed; ) {
    quiet = text.length === known ? quiet + 1 : 0;
    known = text.length;
    await sleep(quietMs / quietPolls);
  }
  if (breaks) socket.resetAndDestroy();
  else socket.destroy();
  return text;
};

/** The path and query that a pod is asked for; undefined where a proxy has no pod to ask. */
const pathOf = (target: string): string | undefined => {
  if (target.startsWith('/')) return target;
  const found = /^http:\/\/[^/?#@]+(\/.*|\?.*)?$/i.exec(target);
  if (found === null) return undefined;
  const path = found[1] ?? '/';
  return path.startsWith('/') ? path : `/${path}`;
};

const forms = ({ method, target, body }: Meant): string =>
  JSON.stringify([method, pathOf(target), body]);

/** Each request of the pod is one of a client's, each at most once. */
const expectAllMeant = (left: string[], got: readonly StrictRequest[]): void => {
  for (const request of got) {
    const form = forms(request);
    const at = left.indexOf(form);
    expect(at, `the pod got ${form}; meant were ${left.join(' ')}`).toBeGreaterThanOrEqual(0);
    left.splice(at, 1);
  }
};

const namesNotPassedOn = ['keep-alive', 'te', 'trailer', 'proxy-connection'];

type Meant = Pick<StrictRequest, 'method' | 'target' | 'body'>;

/** Sends, waits until all of it has ended, and judges by what was meant; gives what came back. */
const sendAndJudge = async (
  attacked: Attacked,
  hostile: HostileBytes,
  requests: readonly Meant[],
): Promise<string> => {
  const { port, pod, meant } = attacked;
  // A request that the client has left may come to the pod after the next client's: that is late,
  // and no more than once. What must not come at all has the number of its own attack.
  meant.push(...requests.map(forms));
  meant.splice(0, meant.length - meantMax);
  const answer = await exchange(port, hostile);
  await untilTrue('nothing is in flight', async () => {
    // A process that has ended has no number to tell, and its last words say why.
    expect(attacked.isAlive(), attacked.log()).toBe(true);
    return (await attacked.inFlight()) === 0;
  });
  const got = pod.take();
  expect(pod.invalid).toEqual([]);
  expectAllMeant(meant, got);
  for (const { headers, trailers } of got) {
    expect(trailers).toEqual([]);
    const names = headers.map(([name]) => name);
    for (const name of namesNotPassedOn) expect(names).not.toContain(name);
    expect(names.filter((name) => name === 'host').length).toBeLessThanOrEqual(1);
    attacked.judgeHeaders(headers);
  }
  expect(answer).not.toMatch(/\n\s+at |node:|\/src\//);
  return answer;
};

/** What begins as HTTP/2 is answered in it: by the settings of the connection, first of all. */
const isHttp2Answer = (answer: string): boolean => answer === '' || answer[3] === '\x04';

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** Sends bytes of HTTP/1.1, judged by a reading of them to the letter. */
export const attack = async (attacked: Attacked, hostile: HostileBytes): Promise<string> => {
  attacked.count += 1;
  const bytes = hostile.bytes.replaceAll('NUMBER', String(attacked.count));
  const answer = await sendAndJudge(attacked, { ...hostile, bytes }, readStrictly(bytes).requests);
  if (bytes.startsWith(preface)) expect(isHttp2Answer(answer)).toBe(true);
  else expect(answer).toMatch(/^(HTTP\/1\.1 \d{3} |$)/);
  return answer;
};

/** Sends frames of HTTP/2. The pod may be given the requests in them, and nothing else. */
export const attackByFrames = async (
  attacked: Attacked,
  { requests, bytes, cuts, breaks }: HostileFrames,
): Promise<void> => {
  attacked.count += 1;
  const places = cuts.map((cut) => cut % bytes.length).sort((one, other) => one - other);
  const answer = await sendAndJudge(attacked, { bytes, cuts: places, breaks }, requests);
  expect(isHttp2Answer(answer)).toBe(true);
};
