/** What is counted at the turns of a request's life, whatever carries it. */
import type { ProxyRequest } from '@flyball/proxy';
import { coldStartMoments } from './cold-start.ts';
import { type Counting, requestEnded, requestStarted, type Upstream } from './upstream.ts';

export interface RequestHooksOptions {
  readonly shared: Counting;
  readonly onColdStart: (
    upstream: Upstream,
    moments: ReturnType<typeof coldStartMoments>,
    traceparent: string,
  ) => void;
  readonly onAnswered: (status: number) => void;
}

/** To be called at each turn once: started, first byte of the answer (if any), ended. */
export interface RequestHooks {
  readonly onStart: (upstream: Upstream) => void;
  readonly onFirstByte: (upstream: Upstream, request: ProxyRequest) => void;
  /** `status` is what the client got; 499: it left before an answer. */
  readonly onEnd: (upstream: Upstream, request: ProxyRequest, status: number) => void;
}

export const createRequestHooks = (options: RequestHooksOptions): RequestHooks => {
  const { shared } = options;
  return {
    onStart: (upstream) => requestStarted(upstream, shared),
    onFirstByte: ({ coldStart }, request) => {
      if (coldStart?.request === request) coldStart.firstByteAtMs = shared.nowMs();
    },
    onEnd: (upstream, request, status) => {
      options.onAnswered(status);
      const start = requestEnded(upstream, shared, request);
      if (start === undefined || start.firstByteAtMs === null) return;
      const end = { atMs: shared.nowMs(), status };
      const moments = coldStartMoments(start, upstream.route, end);
      options.onColdStart(upstream, moments, start.traceparent);
    },
  };
};
