/** The rules that turn the load into a number of pods, before bounds and gates. */
import { delaySlotCount, largestWant } from './delay-window.ts';
import { type Facts, podsFor, withinTolerance } from './facts.ts';
import type { Rule } from './rule.ts';
import { said, saidDivision, saidPods, saidSpan } from './sentence.ts';

/** Slots of the delay in force. Knative keeps the first policy's; `flyball` follows changes. */
export const delaySlotsOf = ({ flyball, policy, workload }: Facts): number =>
  delaySlotCount(flyball ? policy.scaleDownDelayMs : (workload.firstDelayMs ?? 0));

const inPanic = (facts: Facts): boolean => facts.panic.panicSinceMs !== null;

export const wantRules: readonly Rule[] = [
  // A load that wavers around a whole number of pods must not move them to and fro.
  {
    name: 'tolerance',
    apply: (want, { flyball, workload, stableAverage, policy }) => {
      const wanted = workload.memory.desired;
      if (!flyball || wanted === null) return want;
      return withinTolerance(stableAverage, wanted, policy) ? wanted : want;
    },
    why: (_, to, { stableAverage }) =>
      `${said(stableAverage)} is within 2 % of what ${saidPods(to)} are asked to take`,
  },
  // Never grow faster than the rate: one wrong sample must not ask for a thousand pods.
  {
    name: 'rate-up',
    apply: (want, { mayGrowTo }) => Math.min(want, mayGrowTo),
    why: (_, to, { policy, readyAtLeastOne }) =>
      `at most ${said(policy.maxScaleUpRate)} × ${readyAtLeastOne} ready = ${to} at once`,
  },
  // Never shrink faster than the rate: what is lost has to be started again.
  {
    name: 'rate-down',
    apply: (want, { mayShrinkTo }) => Math.max(want, mayShrinkTo),
    why: (_, to, { policy, readyAtLeastOne }) =>
      `at least ${readyAtLeastOne} ready ÷ ${said(policy.maxScaleDownRate)} = ${to} stay`,
  },
  // Any load at all wants the activation scale, past the growth rate if need be.
  {
    name: 'activation-scale',
    apply: (want, { policy, stableAverage }) =>
      stableAverage > 0 ? Math.max(want, policy.activationScale) : want,
    why: (_, to) => `with any load at least the activation scale of ${to}`,
  },
  // In panic the short window counts as much as the long one.
  {
    name: 'panic',
    apply: (want, facts) => (inPanic(facts) ? Math.max(want, facts.panicPods) : want),
    why: (_, to, { panicAverage, policy }) =>
      limited(
        `the panic window has ${saidDivision(panicAverage, policy)}`,
        panicAverage,
        policy,
        to,
      ),
  },
  // A burst must not wait for an average: a poke judges the requests in flight now.
  {
    name: 'burst',
    apply: (want, facts) =>
      inPanic(facts) || facts.workload.readyPods === 0 ? Math.max(want, facts.burstPods) : want,
    why: (_, to, { inFlight, policy }) =>
      limited(`right now ${saidDivision(inFlight ?? 0, policy)}`, inFlight ?? 0, policy, to),
  },
  // In panic nothing is taken away.
  {
    name: 'panic-hold',
    apply: (want, facts) => (inPanic(facts) ? Math.max(want, facts.panic.panicMax) : want),
    why: (_, to) => `in panic the most that was wanted stays: ${to}`,
  },
  // A brief lull must not shed pods: the largest want of the delay counts.
  {
    name: 'scale-down-delay',
    apply: (want, facts) =>
      facts.workload.reachable && delaySlotsOf(facts) > 0
        ? Math.max(
            want,
            largestWant(facts.workload.memory.delaySlots, facts.atMs, delaySlotsOf(facts)),
          )
        : want,
    why: (_, to, { policy }) =>
      `${to} were wanted within the scale-down delay of ${saidSpan(policy.scaleDownDelayMs)}`,
  },
];

/** Adds that a limit or the tolerance changed the plain quotient. */
const limited = (sentence: string, load: number, policy: Facts['policy'], to: number): string =>
  podsFor(load, policy) === to ? sentence : `${sentence}, held to ${to}`;
