/** Every wait, queue and retry of the NATS adapter, by name, with its default. */

export interface EventLogLimits {
  /** How long the first connection is tried before NATS_UNREACHABLE. */
  readonly firstConnectMs: number;
  /** Pause between two attempts to connect, first or again. */
  readonly reconnectPauseMs: number;
  /** One try of one request or append; then the same is sent again. */
  readonly tryMs: number;
  /** All tries of one append or request together, being disconnected included. */
  readonly callMs: number;
  /** How long a stream may not answer (a cluster electing a leader) before it counts as missing. */
  readonly missingStreamMs: number;
  /** Appends under way at once over this connection; further ones wait. */
  readonly appendsInFlight: number;
  /** Messages asked of the server ahead of the consumer of a `read`. */
  readonly readAhead: number;
  /** A purge runs inside the server for seconds on a large stream. */
  readonly purgeMs: number;
  /** How long `close` waits for what is under way. */
  readonly closeMs: number;
}

/** `callMs` stays below the duplicate window, so that no retry can store a message twice. */
export const defaultEventLogLimits: EventLogLimits = {
  firstConnectMs: 10_000,
  reconnectPauseMs: 100,
  tryMs: 1_000,
  callMs: 60_000,
  missingStreamMs: 3_000,
  appendsInFlight: 1_024,
  readAhead: 500,
  purgeMs: 30_000,
  closeMs: 3_000,
};

/**
 * Two missed ones, and a reader is made anew: 4 to 6 s after its consumer vanished from a server
 * that still talks to us. Each reconnect makes it anew at once, whatever the heartbeats say; and a
 * cluster that lost a server needs 4 s or more to elect who goes on.
 */
export const idleHeartbeatMs = 2_000;
/** The server forgets a consumer of a killed reader after this time. */
export const consumerInactiveMs = 30_000;
/** A read to the end that gets nothing for this long looks whether its end still exists. */
export const endCheckMs = 1_000;
/** Growing pause between two tries. */
export const retryPauseMs = { first: 20, most: 500 } as const;
export const pingIntervalMs = 10_000;
