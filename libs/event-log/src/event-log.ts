/** The event log as its users see it: append with a fence, read in order, and nothing else. */

export interface StoredMessage {
  /** Position in the stream; one total order. */
  readonly seq: number;
  readonly subject: string;
  /** The event's id, which was the `Nats-Msg-Id`. */
  readonly id: string;
  /** The CloudEvent as text, byte for byte as it was appended. */
  readonly body: string;
  /** When the server stored it; for operators, never for decisions. */
  readonly storedAtMs: number;
}

export interface Append {
  readonly subject: string;
  readonly id: string;
  readonly body: string;
  /**
   * The sequence of the last message of this subject that the writer has folded (0: none yet).
   * Absent only for the unfenced subjects (SAMPLES, `requests.<instance>`, dead letters).
   */
  readonly expectedLastSeq?: number;
  /**
   * The only connection over which it may be sent (`EventLog.connection`): what it follows from was
   * read there. Over a later one the append rejects with NATS_RECONNECTED, and whether it was
   * stored before is not known.
   */
  readonly connection?: number;
  /** W3C trace context, sent as a header of that name: for who watches the bus, not for readers. */
  readonly traceparent?: string;
}

export type AppendResult =
  /**
   * The body at `seq` is the one given. `again`: it was there already, by an earlier try of ours or
   * by a rival that said the very same; who stored it first may have told of it.
   */
  | { readonly kind: 'stored'; readonly seq: number; readonly again?: true }
  /**
   * The same id was stored before, by a rival with another body: fold this one. Unfenced appends
   * are not read back: their ids belong to one process, and they say `stored`.
   */
  | { readonly kind: 'duplicate'; readonly seq: number; readonly body: string }
  /** A rival wrote first: discard the state and refold. `lastSeq` is the subject's last one now. */
  | { readonly kind: 'fenced'; readonly lastSeq: number };

export interface ReadOptions {
  /** A subject filter, for instance `flyball.events.3.>`; 2.9 servers allow just one. */
  readonly filter: string;
  /** Read what is stored after this position (0: from the beginning). */
  readonly afterSeq: number;
  readonly signal: AbortSignal;
  /** Called when the reader had to be made anew (reconnect, missed heartbeats). */
  readonly onResume?: (reason: string) => void;
  /** Called each time it begins to read, with the number of the connection, before any message. */
  readonly onOpen?: (connection: number) => void;
  /**
   * Told before each batch: how many more messages of the filter were stored when the newest of the
   * batch was sent. For operators, never for decisions.
   */
  readonly onPending?: (messages: number) => void;
}

export interface StreamState {
  /** Tells this stream from another of the same name that was made later. */
  readonly createdAt: string;
  readonly firstSeq: number;
  /** 0 while empty. */
  readonly lastSeq: number;
  readonly messages: number;
  readonly bytes: number;
  /** What the stream was described as when it was made; holds the partition count. */
  readonly description: string;
  /** How long messages are kept; 0: for ever; absent where that is not known. */
  readonly maxAgeMs?: number;
}

/** One stream (EVENTS, SAMPLES, MINUTES or DEADLETTERS). */
export interface EventStream {
  readonly name: string;
  /** Appends by the procedure of one fenced try, retried under the same id until it is known. */
  append(message: Append): Promise<AppendResult>;
  /** Stored messages in order, then live ones as they come; ends when the signal aborts. */
  read(options: ReadOptions): AsyncIterable<readonly StoredMessage[]>;
  /** The same up to the position that was last when it was called; ends there. */
  readToEnd(
    options: Omit<ReadOptions, 'onResume' | 'onOpen' | 'onPending'>,
  ): AsyncIterable<readonly StoredMessage[]>;
  /** The last message of a subject (wildcards allowed), or undefined. */
  last(subject: string): Promise<StoredMessage | undefined>;
  at(seq: number): Promise<StoredMessage | undefined>;
  state(): Promise<StreamState>;
  /** The last sequence of each subject that matches the filter. */
  subjects(filter: string): Promise<ReadonlyMap<string, number>>;
  /** Deletes what is below the sequence on this exact subject; its last stays (keeper only). */
  purge(subject: string, belowSeq: number): Promise<number>;
}

/** A value with its revision, for compare-and-set. */
export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  readonly revision: number;
  /** When the server stored it, by the server's clock, UTC ms. */
  readonly storedAtMs: number;
}

/** A NATS KV bucket as leases and snapshots use it. */
export interface Bucket {
  readonly name: string;
  /** The largest value that fits into one message. */
  readonly maxValueBytes: number;
  get(key: string): Promise<Entry | undefined>;
  /** Creates when `expectedRevision` is 0. Returns the revision; undefined: another was first. */
  set(key: string, value: Uint8Array, expectedRevision: number): Promise<number | undefined>;
  /** Writes whatever is there; with `connection` as in `Append`. */
  put(key: string, value: Uint8Array, connection?: number): Promise<number>;
  delete(key: string, expectedRevision?: number): Promise<boolean>;
  keys(filter?: string): Promise<readonly string[]>;
  /**
   * Current entries first, then changes; a deletion has `value: undefined`. A bucket that lost its
   * tail tells the entries that it has then, at lower revisions.
   */
  watch(filter: string, signal: AbortSignal): AsyncIterable<WatchedEntry>;
}

export interface WatchedEntry {
  readonly key: string;
  readonly value: Uint8Array | undefined;
  readonly revision: number;
  /** True once every entry that existed at the start has been delivered. */
  readonly current: boolean;
}

export type ConnectionStatus = 'connected' | 'disconnected' | 'closed';

/** The bus: every stream and bucket, over one connection. */
export interface EventLog {
  readonly events: EventStream;
  readonly samples: EventStream;
  readonly minutes: EventStream;
  readonly deadLetters: EventStream;
  readonly leases: Bucket;
  readonly snapshots: Bucket;
  /** The server's version, for instance `2.9.10`; `memory` for the memory adapter. */
  readonly serverVersion: string;
  status(): ConnectionStatus;
  /**
   * Counts the connections, from 1. A server that lost the tail of its log is another one than the
   * server that it was: it is met over a later connection.
   */
  connection(): number;
  /** Called at each change of the connection's status. */
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  /** Sends what is under way, then closes. */
  close(): Promise<void>;
}
