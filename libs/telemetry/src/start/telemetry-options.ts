/** Who tells spans, and to whom. */

export interface TelemetryOptions {
  /** `decider`; spans say `flyball-decider`. */
  readonly service: string;
  readonly instance: string;
  readonly version?: string;
  /** Where our own sink listens, for instance `http://127.0.0.1:4318`; empty: nowhere. */
  readonly tracesUrl: string;
  /** Where it is seen whether OTEL_* asks for an exporter; the SDK itself reads its process's. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told once when spans cannot be sent, then every minute at most while that lasts. */
  readonly onTrouble?: (sentence: string) => void;
}
