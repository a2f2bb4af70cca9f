/** The decider: a new answer, and the way to it. */
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { atMs, count, eventId, mode, replicas, routing, sentence } from '../values.ts';
import { seen } from './tick-observed.ts';

/** One rule's say: the number before and after it, and its sentence when it moved or held it. */
export const ruleApplied = z.strictObject({
  rule: z.string(),
  from: z.number().nullable(),
  to: z.number(),
  why: sentence,
});
export type RuleApplied = z.infer<typeof ruleApplied>;

/** What the decision was made from, so that explaining it is reading. */
export const decisionInputs = z.strictObject({
  stableAverage: z.number().nullable(),
  panicAverage: z.number().nullable(),
  /** Requests in flight at a poke; null at a tick. */
  inFlight: z.number().nullable(),
  seen,
  coveredAtMs: atMs.nullable(),
  readyPods: count,
  /** Pods that exist and are not ready yet. */
  startingPods: count,
  targetValue: z.number(),
  reachable: z.boolean(),
});
export type DecisionInputs = z.infer<typeof decisionInputs>;

export const Decided = defineEvent(
  'Decided',
  'A new replica count, mode or routing; or that it held, and why, when the reason changed.',
  z.strictObject({
    /** Replicas asked for before; null for the first decision. */
    from: replicas.nullable(),
    to: replicas,
    mode,
    /** Since when it panics; null in stable mode. */
    panicSinceMs: atMs.nullable(),
    routing,
    changed: z.array(z.enum(['replicas', 'mode', 'routing', 'reason'])).min(1),
    /** One sentence that a person reads. */
    reason: sentence,
    /** Why the activator is in the path, or is not; empty where version 1 did not say. */
    routingReason: sentence,
    /** The name of the rule that had the last say. */
    binding: z.string(),
    rules: z.array(ruleApplied).max(50),
    inputs: decisionInputs,
    /** floor(ready × total − capacity − panic average): below zero the activator is in the path. */
    excessBurstCapacity: z.number(),
    activators: count,
    /** The PolicySet under which it was decided. */
    policyId: eventId,
    algorithm: z.int().min(1),
  }),
  [(v1: object) => ({ ...v1, routingReason: '' })],
);
