/** The log itself: every id once, every chain whole, nothing forked. */
import { createHash } from 'node:crypto';
import { type Fact, inCausalOrder, type Judge } from './evidence.ts';

const zeros = '0'.repeat(64);
const chainAtEnd = /,"chain":"[0-9a-f]{64}"\}$/;

const linkOf = (before: string, { body }: Fact): string => {
  const bare = body.replace(chainAtEnd, '}');
  return createHash('sha256').update(`${before}\n${bare}`, 'utf8').digest('hex');
};

export const idsAreUnique: Judge = ({ events, minutes }) =>
  [events, minutes].flatMap((facts) => {
    const seen = new Map<string, Fact>();
    return facts.flatMap((fact) => {
      const first = seen.get(fact.id);
      seen.set(fact.id, first ?? fact);
      if (first === undefined) return [];
      return [`${fact.id} is in ${fact.stream} twice: at ${first.seq} and at ${fact.seq}`];
    });
  });

/**
 * Each body follows the one before it on its subject. An activator does not read what it wrote: on
 * its own subjects it may go on after what the log has forgotten.
 */
export const chainsAreWhole: Judge = ({ events, minutes, ever }) => {
  const forgotten = Map.groupBy(
    ever.filter(({ cut }) => cut),
    ({ subject }) => subject,
  );
  return [events, minutes].flatMap((facts) => {
    const last = new Map<string, string>();
    return facts.flatMap((fact) => {
      const { subject, seq, chain = '' } = fact;
      const before = last.get(subject) ?? zeros;
      last.set(subject, chain);
      if (linkOf(before, fact) === chain) return [];
      const isActivators = subject.includes('.requests.') && !subject.endsWith('.requests.lost');
      const gone = isActivators ? (forgotten.get(subject) ?? []) : [];
      if (gone.some((one) => linkOf(one.chain ?? '', fact) === chain)) return [];
      return [`the chain of ${subject} breaks at ${seq} (${fact.id})`];
    });
  });
};

/** What caused it must be in the log, and before it; what the log has forgotten causes nothing. */
export const causesExist: Judge = ({ events, ever }) => {
  const places = new Map<string, Fact>();
  for (const fact of ever) {
    // What a log with another tail says under the same id stands for what it has forgotten.
    if (places.get(fact.id)?.cut !== false) places.set(fact.id, fact);
  }
  return events.flatMap(({ id, type, cause, at }) => {
    if (type !== 'decided' && type !== 'decided-through') return [];
    const found = cause === undefined ? undefined : places.get(cause);
    if (found === undefined) return [`${id}: its cause ${cause} is not in the log`];
    if (found.type !== 'tick-observed') return [`${id}: its cause is a ${found.type}`];
    if (found.cut) return [`${id}: its cause ${cause} is what the log has forgotten`];
    return found.at < at ? [] : [`${id} stands before its cause ${cause}`];
  });
};

/**
 * A clock is believed 2 s ahead, and a poke may be dated as much after the tick before it; where no
 * tick is, it goes by its sample alone, which is believed 5 s ahead.
 */
const tickAheadMsMax = 5_000;

/** A tick dated ahead silences its partition until that time has come, whoever ticks there. */
export const ticksKeepToTheTime: Judge = ({ ever }) =>
  ever.flatMap(({ id, type, atMs, storedAtMs }) => {
    const aheadMs = atMs - storedAtMs;
    if (type !== 'tick-observed' || aheadMs <= tickAheadMsMax) return [];
    return [`${id} is dated ${aheadMs} ms after it was stored`];
  });

/**
 * Each decision begins where the one before it ended, and there is one for each cause. A workload
 * that was deleted and applied again is another one, also when nobody saw the moment in between.
 */
export const decisionsFollow: Judge = (evidence) => {
  const hasCut = evidence.ever.some(({ cut }) => cut);
  const last = new Map<string, { to: number; causes: Set<string> }>();
  const uids = new Map<string, string>();
  return inCausalOrder(evidence).flatMap(({ id, type, about, cause = '', data }) => {
    const isAnother = type === 'workload-appeared' && uids.get(about) !== data.uid;
    if (isAnother) uids.set(about, data.uid);
    if (type === 'workload-gone' || isAnother) last.delete(about);
    if (type !== 'decided') return [];
    const before = last.get(about);
    const causes = before?.causes ?? new Set<string>();
    const wrong: string[] = [];
    if (causes.has(cause)) wrong.push(`${id}: ${about} was decided twice for ${cause}`);
    if (before !== undefined && data.from !== before.to && !hasCut) {
      wrong.push(`${id}: from ${data.from}, but the decision before it was ${before.to}`);
    }
    last.set(about, { to: data.to, causes: causes.add(cause) });
    return wrong;
  });
};
