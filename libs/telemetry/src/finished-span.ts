/** A span that has ended: what one part of Flyball did for a request or a decision, and when. */

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface SpanContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
}

export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface SpanLink extends SpanContext {
  /** Why it is linked: `flyball.link: 'held with'`. */
  readonly attributes?: Attributes;
}

export interface FinishedSpan extends SpanContext {
  /** Null: it is the first of its trace. */
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: SpanKind;
  /** UTC milliseconds, fractions allowed. */
  readonly startMs: number;
  /** Never before `startMs`. */
  readonly endMs: number;
  readonly attributes: Attributes;
  /** At most `linksMax`. */
  readonly links: readonly SpanLink[];
  /** What went wrong, in a sentence; null when it went well. */
  readonly error: string | null;
}

/** What the OpenTelemetry SDK keeps of a span's links by default. */
export const linksMax = 128;
