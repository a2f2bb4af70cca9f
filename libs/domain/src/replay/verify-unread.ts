/** Re-decides a record in which the decider had put inputs aside, and read them again later. */
import type { RecordedEvent } from '@flyball/contracts';
import { decider } from '../decider/decider.ts';
import { type DeciderState, deciderSnapshot } from '../decider/decider-state.ts';
import {
  causeOf,
  type Decided,
  type DecisionDifference,
  differingFields,
} from './verify-decisions.ts';

/** A decision, or its absence, that is right only without the inputs that were put aside. */
export interface DecidedUnread {
  readonly causationId: string;
  /** Null: with them there would have been one. */
  readonly decisionId: string | null;
}

export interface UnreadVerdict {
  readonly differences: readonly DecisionDifference[];
  readonly decidedUnread: readonly DecidedUnread[];
}

type Output = ReturnType<typeof decider.decide>[number];

/** A decider that reads everything, or everything but what was put aside. */
interface Run {
  state: DeciderState;
  /** What it has just said. */
  outputs: readonly Output[];
  decided: Decided | undefined;
}

const begin = (partition: number): Run => ({
  state: decider.initialState(partition),
  outputs: [],
  decided: undefined,
});

const read = (run: Run, input: RecordedEvent): void => {
  run.state = decider.evolve(run.state, input);
  run.outputs = decider.decide(input, run.state);
  run.decided = run.outputs.find((output): output is Decided => output.type === 'Decided');
};

const passBy = (run: Run): void => {
  run.outputs = [];
  run.decided = undefined;
};

/** Folds what it said, with this decision in the place of its own. */
const settle = (run: Run, decided: Decided | undefined): void => {
  const others = run.outputs.filter((output) => output !== run.decided);
  const facts = decided === undefined ? others : [decided, ...others];
  for (const fact of facts) run.state = decider.evolve(run.state, fact);
};

/** A state of its own: `evolve` changes the one that it is given. */
const copyOf = (state: DeciderState): DeciderState => {
  const { partition, workloads, tick } = structuredClone(deciderSnapshot(state));
  return { partition, workloads, tick: { ...tick }, assessed: [] };
};

const isSame = (event: Decided | undefined, decided: Decided | undefined): boolean =>
  event === undefined || decided === undefined
    ? event === decided
    : differingFields(event, decided).length === 0;

const differenceOf = (
  event: Decided | undefined,
  decided: Decided | undefined,
): DecisionDifference[] => {
  if (event !== undefined && decided !== undefined) {
    const [decisionId, causationId] = [event.id, causeOf(event)];
    return [
      { kind: 'different', decisionId, causationId, fields: differingFields(event, decided) },
    ];
  }
  const only = event ?? decided;
  if (only === undefined) return [];
  const kind = event === undefined ? 'missing' : 'extra';
  return [{ kind, decisionId: only.id, causationId: causeOf(only) }];
};

/**
 * As `verifyDecisions`, for a record in whose time the decider could not read the inputs at
 * `unreadSeqs`. Right is what it decides without them until it has read them again, and from then
 * on what it decides with them, after the past as it is recorded. When that was is not recorded: it
 * is the first decision that is right only with them. An input that is put aside after that is
 * alone unread, until it has been read again as well.
 */
export const verifyAroundUnread = (
  inputs: readonly RecordedEvent[],
  recorded: readonly Decided[],
  unreadSeqs: ReadonlySet<number>,
): UnreadVerdict => {
  const partition = inputs[0]?.partition ?? 0;
  const [without, withAll] = [begin(partition), begin(partition)];
  const left = new Map(recorded.map((event) => [causeOf(event), event]));
  const differences: DecisionDifference[] = [];
  const decidedUnread: DecidedUnread[] = [];
  const compared = new Set<Decided>();
  let isReadAgain = false;
  for (const input of inputs) {
    if (input.type === 'Decided' || input.type === 'DecidedThrough') continue;
    if (unreadSeqs.has(input.seq)) {
      passBy(without);
      isReadAgain = false;
    } else {
      read(without, input);
    }
    read(withAll, input);
    const event = left.get(input.id);
    if (event !== undefined) compared.add(event);
    const isRight = isSame(event, withAll.decided);
    const isRightUnread = !isReadAgain && isSame(event, without.decided);
    if (!isRight && isRightUnread) {
      decidedUnread.push({ causationId: input.id, decisionId: event?.id ?? null });
    }
    if (!isRight && !isRightUnread) differences.push(...differenceOf(event, withAll.decided));
    const isTrue = isRight || isRightUnread;
    settle(without, isTrue ? event : without.decided);
    settle(withAll, isTrue ? event : withAll.decided);
    if (isRight && !isRightUnread && !isReadAgain) {
      isReadAgain = true;
      without.state = copyOf(withAll.state);
    }
  }
  // The same decision twice is one too many, and so is one that no input caused.
  const extra = recorded.filter((event) => !compared.has(event));
  differences.push(...extra.flatMap((event) => differenceOf(event, undefined)));
  return { differences, decidedUnread };
};
