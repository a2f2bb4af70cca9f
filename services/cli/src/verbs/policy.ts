/** `policy`: every effective value of a workload's policy, and the layer that set it. */
import {
  type AnyEvent,
  partitionOf,
  type RecordedEvent,
  type WorkloadKey,
  workloadName,
  workloadSubject,
} from '@flyball/contracts';
import { dateAndTime, oneLine, type Reader, readDecoded, readWhole } from '@flyball/reading';
import { type Context, exitCode } from '../context.ts';
import type { Terminal } from '../output/terminal.ts';
import { sayUnknown } from '../output/unknown-workload.ts';
import { type ReadingOptions, withReader } from '../reading/reader.ts';
import { type PolicyValues, policyTable, valuesOf } from './policy-table.ts';

export interface PolicyOptions extends ReadingOptions {
  readonly workload: WorkloadKey;
}

type Recorded<Name extends AnyEvent['type']> = Extract<RecordedEvent, { type: Name }>;

interface PolicyEvents {
  readonly set: Recorded<'PolicySet'> | undefined;
  /** Refused after the one in force was set. */
  readonly refused: Recorded<'PolicyRefused'> | undefined;
}

const readPolicyEvents = async (
  { log, partitionCount }: Reader,
  workload: WorkloadKey,
  signal: AbortSignal,
): Promise<PolicyEvents> => {
  const filter = workloadSubject(partitionOf(workload, partitionCount), workload, 'policy');
  let [set, refused]: [PolicyEvents['set'], PolicyEvents['refused']] = [undefined, undefined];
  for await (const batch of readWhole(log.events, { filter, afterSeq: 0, signal })) {
    for (const event of batch.map((message) => readDecoded(message, partitionCount))) {
      if (event?.type === 'PolicySet') [set, refused] = [event, undefined];
      else if (event?.type === 'PolicyRefused') refused = event;
    }
  }
  return { set, refused };
};

interface PolicyTold {
  readonly namespace: string;
  readonly name: string;
  /** The PolicySet in force; null while all settings were refused. */
  readonly policyId: string | null;
  readonly setAtMs: number | null;
  readonly values: PolicyValues;
  readonly warnings: readonly string[];
  /** What was refused since; the policy above stays in force. */
  readonly refused: {
    readonly atMs: number;
    readonly complaints: Recorded<'PolicyRefused'>['data']['complaints'];
  } | null;
}

const toldOf = (workload: WorkloadKey, { set, refused }: PolicyEvents): PolicyTold => ({
  ...workloadName(workload),
  policyId: set?.id ?? null,
  setAtMs: set?.atMs ?? null,
  values: set === undefined ? {} : valuesOf(set.data.policy, set.data.layers),
  warnings: set?.data.warnings ?? [],
  refused:
    refused === undefined ? null : { atMs: refused.atMs, complaints: refused.data.complaints },
});

const refusedLines = (terminal: Terminal, { refused }: PolicyTold, nowMs: number): string[] => {
  if (refused === null) return [];
  const at = dateAndTime(refused.atMs, nowMs);
  return [
    '',
    terminal.styled('red', `Refused ${at}; the policy above stays in force:`),
    ...refused.complaints.map(({ path, key, value, message, allowed }) => {
      const where = path === '' ? '' : `${path}: `;
      return `  ${oneLine(`${where}${key}: ${value}: ${message} (allowed: ${allowed})`)}`;
    }),
  ];
};

const policyLines = (
  terminal: Terminal,
  { set }: PolicyEvents,
  told: PolicyTold,
  nowMs: number,
): string[] => {
  const { warnings } = told;
  const inForce =
    set === undefined
      ? ['No policy is in force: nothing is scaled until the settings are mended.']
      : [
          ...policyTable(terminal, set.data.policy, set.data.layers),
          '',
          terminal.styled('dim', `in force since ${dateAndTime(set.atMs, nowMs)} (${set.id})`),
        ];
  return [
    ...inForce,
    ...warnings.map((warning) => terminal.styled('yellow', `warning: ${oneLine(warning)}`)),
    ...refusedLines(terminal, told, nowMs),
  ];
};

/** Prints the policy that `reader` gives; resolves with the exit code. */
export const showPolicy = async (
  { terminal, signal }: Pick<Context, 'terminal' | 'signal'>,
  reader: Reader,
  { workload, output }: PolicyOptions,
): Promise<number> => {
  const events = await readPolicyEvents(reader, workload, signal);
  if (events.set === undefined && events.refused === undefined) {
    await sayUnknown(terminal, reader, workload);
    return exitCode.no;
  }
  const told = toldOf(workload, events);
  if (output === 'json') terminal.line(JSON.stringify(told, undefined, 2));
  else {
    const lines = policyLines(terminal, events, told, reader.clock.nowMs());
    for (const line of lines) terminal.line(line);
  }
  return exitCode.ok;
};

/** `flyball policy NS/NAME`. */
export const policy = (context: Context, options: PolicyOptions): Promise<number> =>
  withReader(context, options, (reader) => showPolicy(context, reader, options));
