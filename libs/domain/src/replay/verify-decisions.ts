/** Re-decides what was recorded of a workload, and says where the record differs. */
import type { FlyballEvent, RecordedEvent } from '@flyball/contracts';
import { decider } from '../decider/decider.ts';
import { step } from '../stage.ts';

export interface FieldDifference {
  /** `data.rules.2.to`. */
  readonly path: string;
  readonly recorded: unknown;
  readonly decided: unknown;
}

export type DecisionDifference =
  | { readonly kind: 'missing'; readonly decisionId: string; readonly causationId: string }
  | { readonly kind: 'extra'; readonly decisionId: string; readonly causationId: string }
  | {
      readonly kind: 'different';
      readonly decisionId: string;
      readonly causationId: string;
      readonly fields: readonly FieldDifference[];
    };

export type Decided = FlyballEvent<'Decided'>;

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** The leaves at which two values differ, by their path. */
const fieldDifferences = (recorded: unknown, decided: unknown, path: string): FieldDifference[] => {
  if (Object.is(recorded, decided)) return [];
  if (!isTree(recorded) || !isTree(decided)) {
    // Text cannot tell 0 from -0.
    return recorded === decided ? [] : [{ path, recorded, decided }];
  }
  const keys = new Set([...Object.keys(recorded), ...Object.keys(decided)]);
  return [...keys].flatMap((key) =>
    fieldDifferences(recorded[key], decided[key], `${path}.${key}`),
  );
};

/** All that a decision says; its place in the stream and its chain are not the decider's. */
const compared = ({ id, atMs, causationId, traceparent, data }: Decided): unknown => ({
  id,
  atMs,
  causationId,
  traceparent,
  data,
});

/** Steps through the inputs and collects what the decider says of one workload. */
const redecide = (inputs: readonly RecordedEvent[]): Decided[] => {
  const decided: Decided[] = [];
  let state = decider.initialState(inputs[0]?.partition ?? 0);
  for (const input of inputs) {
    if (input.type === 'Decided' || input.type === 'DecidedThrough') continue;
    const stepped = step(decider, state, input);
    state = stepped.state;
    for (const output of stepped.outputs) {
      if (output.type === 'Decided') decided.push(output as Decided);
    }
  }
  return decided;
};

export const causeOf = (decided: Decided): string => decided.causationId ?? decided.id;

/** The fields in which a recorded decision and one that was decided again differ. */
export const differingFields = (event: Decided, decided: Decided): FieldDifference[] =>
  fieldDifferences(compared(event), compared(decided), '').map((field) => ({
    ...field,
    path: field.path.slice(1),
  }));

/**
 * Compares what was recorded of one workload with what today's code decides from the same inputs
 * (in their order in the log; decisions among them are passed over). Each decision is decided from
 * the re-decided past, not the recorded one, so one tampered decision is one difference.
 */
export const verifyDecisions = (
  inputs: readonly RecordedEvent[],
  recorded: readonly Decided[],
): DecisionDifference[] => {
  const recordedByCause = new Map(recorded.map((event) => [causeOf(event), event]));
  const differences: DecisionDifference[] = [];
  const seen = new Set<string>();
  for (const decided of redecide(inputs)) {
    const causationId = causeOf(decided);
    seen.add(causationId);
    const event = recordedByCause.get(causationId);
    if (event === undefined) {
      differences.push({ kind: 'missing', decisionId: decided.id, causationId });
      continue;
    }
    const fields = differingFields(event, decided);
    if (fields.length > 0) {
      differences.push({ kind: 'different', decisionId: event.id, causationId, fields });
    }
  }
  const counted = new Set<string>();
  for (const event of recorded) {
    const causationId = causeOf(event);
    // The same decision twice is one too many, however true it is.
    if (seen.has(causationId) && !counted.has(causationId)) counted.add(causationId);
    else differences.push({ kind: 'extra', decisionId: event.id, causationId });
  }
  return differences;
};
