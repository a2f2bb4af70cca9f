/** The phases of a cold start, in their order, and the words of the attributes that we set. */

import type { Attributes } from './finished-span.ts';

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

const order: ReadonlyMap<unknown, number> = new Map(phases.map((phase, index) => [phase, index]));

/** Whether an attribute's value is one of the phases. */
export const isPhase = (value: unknown): value is Phase => order.has(value);

/** Where a span stands in the story; what is no phase comes last. */
export const phaseOrderOf = (span: { readonly attributes: Attributes }): number =>
  order.get(span.attributes[attributeNames.phase]) ?? phases.length;

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
