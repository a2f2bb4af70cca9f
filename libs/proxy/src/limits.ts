/** The limits of the data port: every wait, buffer and retry of the forwarding core, by name. */

/**
 * What one proxy server allows. Zero does not mean "unlimited": write `Infinity` where that is
 * wanted.
 */
export interface ProxyLimits {
  /** Bytes of a request's start line and headers together; more is answered 431. */
  readonly headerBytesMax: number;
  /** Number of header lines of a request; more is answered 431. */
  readonly headerCountMax: number;
  /** Bytes of a request's body, declared or chunked; more is answered 413. */
  readonly bodyBytesMax: number;
  /** Time a client may take to send its headers; longer is answered 408. */
  readonly headersTimeoutMs: number;
  /** Time a client may pause inside its body; longer is answered 408. */
  readonly bodyIdleTimeoutMs: number;
  /** Time a client may leave its response unread before its connection is closed. */
  readonly clientStallTimeoutMs: number;
  /** Time an idle client connection is kept. */
  readonly keepAliveTimeoutMs: number;
  /** Time a pod may take until its response begins; longer is answered 504. */
  readonly responseStartTimeoutMs: number;
  /** Time a pod may pause inside its response; longer cuts the response off. */
  readonly responseIdleTimeoutMs: number;
  /** Time an upgraded connection may be silent in both directions before it is closed. */
  readonly upgradeIdleTimeoutMs: number;
  /** Client connections open at once; more are closed on arrival. */
  readonly connectionsMax: number;
  /** HTTP/1.1: requests of a connection that wait for answers before theirs; more close it. */
  readonly pipelinedMax: number;
  /** HTTP/2: requests that one client connection may have at once; more are refused. */
  readonly http2StreamsMax: number;
  /** HTTP/2: requests that a client may reset at once; more end its connection. */
  readonly http2ResetsMax: number;
  /** HTTP/2: resets that it may make again each second. */
  readonly http2ResetsPerSecond: number;
  /** HTTP/2: megabytes that one client connection may cost; beyond, new requests are refused. */
  readonly http2SessionMegabytesMax: number;
  /** HTTP/2: while draining, time between the word that it ends and the end of new requests. */
  readonly http2GoawayNoticeMs: number;
  /** Times one request is tried on pods that refuse the connection before it is answered 502. */
  readonly attemptsMax: number;
  /** Times a bodyless idempotent request is repeated after a reused connection turned out dead. */
  readonly replaysMax: number;
  /** Bytes of a body that nobody wants, read so that the client gets to see its answer. */
  readonly discardBytesMax: number;
  /** Time spent on reading such a body. */
  readonly discardMs: number;
  /** What a 503 says in Retry-After. */
  readonly retryAfterSeconds: number;
}

/** The limits used where the caller names none. */
export const defaultProxyLimits: ProxyLimits = Object.freeze({
  headerBytesMax: 64 * 1024,
  headerCountMax: 200,
  bodyBytesMax: 512 * 1024 * 1024,
  headersTimeoutMs: 30_000,
  bodyIdleTimeoutMs: 60_000,
  clientStallTimeoutMs: 60_000,
  keepAliveTimeoutMs: 65_000,
  responseStartTimeoutMs: 300_000,
  responseIdleTimeoutMs: 300_000,
  upgradeIdleTimeoutMs: 300_000,
  connectionsMax: 20_000,
  pipelinedMax: 100,
  http2StreamsMax: 1_000,
  http2ResetsMax: 1_000,
  http2ResetsPerSecond: 100,
  http2SessionMegabytesMax: 64,
  http2GoawayNoticeMs: 100,
  attemptsMax: 5,
  replaysMax: 1,
  discardBytesMax: 1024 * 1024,
  discardMs: 2_000,
  retryAfterSeconds: 1,
});

/**
 * The defaults with the given limits in their place.
 * @throws RangeError naming the limit, its value and what is allowed.
 */
export const withDefaultLimits = (given: Partial<ProxyLimits>): ProxyLimits => {
  const limits = { ...defaultProxyLimits, ...given };
  for (const [name, value] of Object.entries(limits)) {
    const least = name === 'replaysMax' || name === 'discardBytesMax' ? 0 : 1;
    if (typeof value !== 'number' || Number.isNaN(value) || value < least) {
      throw new RangeError(`${name} is ${value}; allowed is a number of at least ${least}`);
    }
  }
  return Object.freeze(limits);
};
