/** The rules that turn the load into a number of pods, before bounds and gates. */
import { delaySlotCount, largestWant } from './delay-window.ts';
import { comingPods, type Facts, podsFor, withinTolerance } from './facts.ts';
import { isWaiting } from './panic.ts';
import type { Rule } from './rule.ts';
import { said, saidDivision, saidPods, saidSpan } from './sentence.ts';

/** The scale-down delay in force. Knative keeps the first policy's. */
const delayMsOf = ({ fixes, policy, workload }: Facts): number =>
  fixes.has('delay-follows-policy') ? policy.scaleDownDelayMs : (workload.firstDelayMs ?? 0);

export const delaySlotsOf = (facts: Facts): number => delaySlotCount(delayMsOf(facts));

const inPanic = (facts: Facts): boolean => facts.panic.panicSinceMs !== null;

/** With the true ratio a load that is no panic is left to the first pods. */
const takenByFirst = (facts: Facts): boolean => facts.fixes.has('true-ratio') && !inPanic(facts);

/** Pods that a poke asks for where none is ready. */
const firstPods = (facts: Facts): number =>
  takenByFirst(facts)
    ? Math.min(facts.burstPods, Math.max(facts.countedAtLeastOne, facts.policy.activationScale))
    : facts.burstPods;

/** `ready`, or `ready or starting` where such are among the counted ones. */
const saidCounted = ({ countedAtLeastOne, readyAtLeastOne }: Facts): string =>
  countedAtLeastOne > readyAtLeastOne ? 'ready or starting' : 'ready';

export const wantRules: readonly Rule[] = [
  // A load that wavers around a whole number of pods must not move them to and fro.
  {
    name: 'tolerance',
    apply: (want, { fixes, workload, stableAverage, policy }) => {
      const wanted = workload.memory.desired;
      if (!fixes.has('tolerance') || wanted === null) return want;
      return withinTolerance(stableAverage, wanted, policy) ? wanted : want;
    },
    why: (_, to, { stableAverage, policy }) =>
      `${said(stableAverage)} is within ${said(policy.tolerance * 100)} % of what ` +
      `${saidPods(to)} are asked to take`,
  },
  // Never grow faster than the rate: one wrong sample must not ask for a thousand pods.
  {
    name: 'rate-up',
    apply: (want, { mayGrowTo }) => Math.min(want, mayGrowTo),
    why: (_, to, { policy, readyAtLeastOne }) =>
      to > Math.ceil(policy.maxScaleUpRate * readyAtLeastOne)
        ? `no more than the ${to} that are there until more of them are ready`
        : `at most ${said(policy.maxScaleUpRate)} × ${readyAtLeastOne} ready = ${to} at once`,
  },
  // Never shrink faster than the rate: what is lost has to be started again.
  {
    name: 'rate-down',
    apply: (want, { mayShrinkTo }) => Math.max(want, mayShrinkTo),
    why: (_, to, facts) =>
      `at least ${facts.countedAtLeastOne} ${saidCounted(facts)} ÷ ` +
      `${said(facts.policy.maxScaleDownRate)} = ${to} stay`,
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
    apply: (want, facts) => {
      if (inPanic(facts)) return Math.max(want, facts.burstPods);
      if (facts.workload.readyPods > 0) return want;
      return Math.max(want, firstPods(facts));
    },
    why: (_, to, facts) => {
      const { inFlight, policy } = facts;
      return takenByFirst(facts) && to < podsFor(inFlight ?? 0, policy)
        ? `right now ${said(inFlight ?? 0)} in flight, which ${saidPods(to)} can take`
        : limited(`right now ${saidDivision(inFlight ?? 0, policy)}`, inFlight ?? 0, policy, to);
    },
  },
  // In panic nothing is taken away.
  {
    name: 'panic-hold',
    apply: (want, facts) => (inPanic(facts) ? Math.max(want, facts.panic.panicMax) : want),
    why: (_, to, { panic, policy, atMs, workload }) => {
      const held = `in panic the most that was wanted stays: ${to}`;
      return isWaiting(panic, policy, atMs)
        ? `${held}, until ${saidPods(comingPods(workload))} that are starting are up`
        : held;
    },
  },
  // Seconds that nobody measured are zeros in the window: shrinking goes by those that were seen.
  {
    name: 'hold-gap',
    apply: (want, { gap }) => Math.max(want, gap.pods),
    why: (_, to, facts) => saidGap(facts, to),
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
    why: (_, to, facts) =>
      `${to} were wanted within the scale-down delay of ${saidSpan(delayMsOf(facts))}`,
  },
];

/** What of the window was not seen, and what that leaves. */
const saidGap = ({ gap, workload, policy }: Facts, to: number): string => {
  const { load, unseenMs, spanMs } = gap;
  if (workload.seen === 'blind') return 'nobody could measure the load: it only adds what it sees';
  const span = `of the last ${saidSpan(spanMs)}`;
  if (load === null) return `only ${saidSpan(spanMs - unseenMs)} ${span} were seen: too little`;
  const seen = `${saidSpan(unseenMs)} ${span} were not seen; by the others it is`;
  return limited(`${seen} ${saidDivision(load, policy)}`, load, policy, to);
};

/** Adds that a limit or the tolerance changed the plain quotient. */
const limited = (sentence: string, load: number, policy: Facts['policy'], to: number): string =>
  podsFor(load, policy) === to ? sentence : `${sentence}, held to ${to}`;
