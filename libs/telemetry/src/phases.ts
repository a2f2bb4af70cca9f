/** The phases of a cold start, in their order, and the words of the attributes that we set. */

/** What `flyball.phase` may say; the order is that of the story. */
export const phases = [
  'received',
  'held',
  'sample',
  'fold',
  'tick',
  'decide',
  'apply',
  'pod created',
  'pod started',
  'pod ready',
  'connect',
  'first byte',
  'last byte',
] as const;

export type Phase = (typeof phases)[number];

const phaseNames: ReadonlySet<unknown> = new Set(phases);

/** Whether an attribute's value is one of the phases. */
export const isPhase = (value: unknown): value is Phase => phaseNames.has(value);

/** The names of our own attributes; those of HTTP and messaging are OpenTelemetry's. */
export const attributeNames = {
  workload: 'flyball.workload',
  phase: 'flyball.phase',
  eventId: 'flyball.event.id',
  from: 'flyball.replicas.from',
  to: 'flyball.replicas.to',
  mode: 'flyball.mode',
  partition: 'flyball.partition',
  reason: 'flyball.reason',
  routing: 'flyball.routing',
  pod: 'flyball.pod',
  waited: 'flyball.waited',
  link: 'flyball.link',
  stream: 'nats.stream',
  sequence: 'nats.sequence',
} as const;
