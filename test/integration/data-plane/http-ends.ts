/** Both ends of a request: clients that ask by Host, and pods that answer on 127.0.0.1. */
import {
  type ClientRequest,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WorkloadKey } from '@flyball/contracts';
import { hostOfWorkload } from '@flyball/domain';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asked {
  readonly request: ClientRequest;
  readonly answer: Promise<Answer>;
}

/** The Host of a workload below the default domain. */
export const hostOf = (workload: WorkloadKey): string => hostOfWorkload(workload, 'example.com');

/** Asks a URL on a connection of its own; the answer rejects when the connection fails. */
export const ask = (url: string, host: string, headers: Record<string, string> = {}): Asked => {
  const asked = request(url, { headers: { host, ...headers }, agent: false });
  const answer = new Promise<Answer>((resolve, reject) => {
    asked.once('error', reject);
    asked.once('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
  });
  // Who is interested in a failure awaits the answer; a test that failed before does not.
  answer.catch(() => undefined);
  asked.end();
  return { request: asked, answer };
};

export interface Pod extends AsyncDisposable {
  readonly port: number;
  /** Requests that it was sent, in order. */
  readonly seen: IncomingMessage[];
  readonly inFlight: number;
  readonly inFlightMost: number;
  /** Lets everything go that `whenFreed` waits for, now and from now on. */
  free(): void;
  readonly whenFreed: Promise<void>;
}

type Answering = (pod: Pod, request: IncomingMessage, response: ServerResponse) => unknown;

const answerWhenFreed: Answering = async (pod, _request, response) => {
  await pod.whenFreed;
  response.end('served');
};

/** A pod that answers `served` when it has been freed, unless told what to do. */
export const startPod = async (answering: Answering = answerWhenFreed, port = 0): Promise<Pod> => {
  const freed = Promise.withResolvers<void>();
  const seen: IncomingMessage[] = [];
  let [inFlight, inFlightMost] = [0, 0];
  const server = createServer((incoming, response) => {
    seen.push(incoming);
    inFlight += 1;
    inFlightMost = Math.max(inFlightMost, inFlight);
    response.once('close', () => {
      inFlight -= 1;
    });
    void answering(pod, incoming, response);
  });
  const pod: Pod = {
    port: 0,
    seen,
    get inFlight() {
      return inFlight;
    },
    get inFlightMost() {
      return inFlightMost;
    },
    free: freed.resolve,
    whenFreed: freed.promise,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return Object.defineProperty(pod, 'port', { value: (server.address() as AddressInfo).port });
};
