/** `replay verify`: decides everything recorded again, and checks that the record is whole. */
import { partitionOf, type WorkloadKey } from '@flyball/contracts';
import type { DecisionDifference } from '@flyball/domain';
import {
  counted,
  isRecorded,
  knownWorkloads,
  oneLine,
  type Reader,
  type RecordedWorkload,
  readAgingStreams,
  readAhead,
  readRecordedWorkload,
  readTicks,
} from '@flyball/reading';
import { type Context, exitCode } from '../context.ts';
import { isInterruption } from '../interruption.ts';
import type { Terminal } from '../output/terminal.ts';
import { sayUnknown } from '../output/unknown-workload.ts';
import type { SourceOptions } from '../reading/log-source.ts';
import { readPutAside } from '../reading/put-aside.ts';
import { withReader } from '../reading/reader.ts';
import {
  readDecidedBound,
  type VerifiedWorkload,
  verifyWorkload,
} from '../reading/verify-workload.ts';
import {
  type ReplayTelling,
  silentReplay,
  startReplayTelling,
  unusableTracesUrl,
} from '../traces/replay-telling.ts';

export interface ReplayVerifyOptions extends SourceOptions {
  /** All of them when it is not given. */
  readonly workload?: WorkloadKey | undefined;
  readonly output?: 'text' | 'json';
}

/** Differences, broken links and the like are told one by one up to this many a workload. */
const toldMax = 20;
/** Workloads that are read at the same time: most of the reading is waiting for the server. */
const workloadsAtOnce = 8;
/** Long work says how far it is this often. */
const progressEveryMs = 2_000;

const differenceLines = (difference: DecisionDifference): readonly string[] => {
  const { kind, decisionId, causationId } = difference;
  switch (kind) {
    case 'missing':
      return [`decided again, but not recorded: ${decisionId} (cause ${causationId})`];
    case 'extra':
      return [`recorded, but not decided again: ${decisionId} (cause ${causationId})`];
    case 'different':
      return difference.fields.map(({ path, recorded, decided }) => {
        const [was, is] = [JSON.stringify(recorded), JSON.stringify(decided)];
        return `${decisionId}: ${path} is recorded as ${was}, decided again as ${is}`;
      });
  }
};

const unboundedLine =
  'its decisions were not decided again: no DecidedThrough of its partition can be read';

const problemLines = (verified: VerifiedWorkload): string[] => {
  const { differences, chain, ledger, unreadable, isBounded } = verified;
  const lines = [
    ...(isBounded ? [] : [unboundedLine]),
    ...differences.flatMap(differenceLines),
    ...chain.broken.map(({ subject, seq }) => `chain broken: ${subject} at ${seq}`),
    ...chain.doubledIds.map((id) => `recorded twice: ${id}`),
    ...unreadable.map(({ subject, seq, reason }) => `unreadable: ${subject} at ${seq}: ${reason}`),
    ...(ledger.imbalance === 0 ? [] : [`ledger out of balance by ${ledger.imbalance}`]),
  ].map(oneLine);
  if (lines.length <= toldMax) return lines;
  return [...lines.slice(0, toldMax), `… and ${lines.length - toldMax} more (-o json has all)`];
};

/** What is no difference, and yet not what all of the record says. */
const exceptionLines = ({ decidedUnread, putAside }: VerifiedWorkload): readonly string[] => {
  if (decidedUnread.length === 0) return [];
  const places = putAside.map(({ subject, seq }) => `${subject} at ${seq}`).join(', ');
  return [
    `${counted(decidedUnread.length, 'decision')} made without what the decider could not read ` +
      `then, and put aside: ${places}`,
  ];
};

const summary = ({ workload, decisions, differences, chain, ledger }: VerifiedWorkload): string => {
  const later = chain.anchoredLater === 0 ? '' : `, ${chain.anchoredLater} from a later start`;
  const events = counted(chain.messages, 'event');
  const chained = `${events}, ${counted(chain.subjects, 'subject')}`;
  return [
    workload,
    `${counted(decisions, 'decision')} re-decided`,
    counted(differences.length, 'difference'),
    `chain ${chain.ok ? 'ok' : 'BROKEN'} (${chained}${later})`,
    `ledger ${ledger.imbalance === 0 ? 'ok' : 'OUT OF BALANCE'} (${ledger.held} held)`,
  ].join('   ');
};

const say = (terminal: Terminal, verified: VerifiedWorkload): void => {
  const mark = verified.ok ? terminal.styled('green', '✓') : terminal.styled('red', '✗');
  terminal.line(`${mark} ${summary(verified)}`);
  for (const line of problemLines(verified)) terminal.line(`    ${terminal.styled('red', line)}`);
  for (const line of exceptionLines(verified)) {
    terminal.line(`    ${terminal.styled('yellow', line)}`);
  }
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** What was not verified is not ok. */
const totalsOf = (results: readonly VerifiedWorkload[], wanted: number) => ({
  workloads: results.length,
  notVerified: wanted - results.filter(({ isBounded }) => isBounded).length,
  decisions: sum(results.map(({ decisions }) => decisions)),
  differences: sum(results.map(({ differences }) => differences.length)),
  ok: results.length === wanted && results.every(({ ok }) => ok),
});

const leftLines = (results: readonly VerifiedWorkload[], wanted: number): readonly string[] => {
  const left = wanted - results.length;
  const unbounded = results.filter(({ isBounded }) => !isBounded).length;
  return [
    ...(wanted === 0 ? ['Nothing is recorded: there was nothing to decide again.'] : []),
    ...(left === 0 ? [] : [`${counted(left, 'workload')} not looked at: it was ended before`]),
    ...(unbounded === 0 ? [] : [`${counted(unbounded, 'workload')} not verified`]),
  ];
};

interface Verified {
  readonly recorded: RecordedWorkload;
  readonly verified: VerifiedWorkload;
}

/** Verifies partition by partition, so that a partition's ticks are read once. */
async function* verifyAll(
  reader: Reader,
  workloads: readonly WorkloadKey[],
  signal: AbortSignal,
): AsyncGenerator<Verified, void, undefined> {
  const aging = await readAgingStreams(reader);
  const byPartition = Map.groupBy(workloads, (one) => partitionOf(one, reader.partitionCount));
  for (const [partition, members] of byPartition) {
    const bound = await readDecidedBound(reader, partition);
    const ticks = await readTicks(reader, partition, signal);
    const putAside = await readPutAside(reader, partition, signal);
    const read = (workload: WorkloadKey) =>
      readRecordedWorkload(reader, workload, { ticks, signal, aging });
    for await (const recorded of readAhead(members, workloadsAtOnce, read)) {
      yield { recorded, verified: verifyWorkload(recorded, bound, putAside) };
    }
  }
}

/** Prints what verifying gives; resolves with the exit code. */
export const showVerification = async (
  { terminal, signal }: Pick<Context, 'terminal' | 'signal'>,
  reader: Reader,
  { workload, output = 'text' }: ReplayVerifyOptions,
  telling: ReplayTelling = silentReplay,
): Promise<number> => {
  if (workload !== undefined && !(await isRecorded(reader, workload))) {
    await sayUnknown(terminal, reader, workload);
    return exitCode.no;
  }
  const workloads = workload === undefined ? await knownWorkloads(reader) : [workload];
  const results: VerifiedWorkload[] = [];
  let toldMs = reader.clock.monotonicMs();
  const take = ({ verified, recorded }: Verified): void => {
    results.push(verified);
    telling.decided(recorded.history.events, verified);
    if (output === 'text') say(terminal, verified);
    const nowMs = reader.clock.monotonicMs();
    if (nowMs - toldMs < progressEveryMs) return;
    toldMs = nowMs;
    terminal.note(`${results.length} of ${workloads.length} workloads verified`);
  };
  try {
    for await (const one of verifyAll(reader, workloads, signal)) take(one);
  } catch (error) {
    // What was verified by then is told.
    if (!isInterruption(error, signal)) throw error;
  }
  const totals = totalsOf(results, workloads.length);
  if (output === 'json') {
    terminal.line(JSON.stringify({ ...totals, results }, undefined, 2));
  } else {
    terminal.line(
      `${counted(totals.decisions, 'decision')} of ${counted(totals.workloads, 'workload')} ` +
        `re-decided: ${totals.differences} differences`,
    );
    for (const line of leftLines(results, workloads.length)) {
      terminal.line(terminal.styled('yellow', line));
    }
  }
  if (signal.aborted) return exitCode.interrupted;
  return totals.ok ? exitCode.ok : exitCode.no;
};

/** `flyball replay verify [NS/NAME]`. */
export const replayVerify = (context: Context, options: ReplayVerifyOptions): Promise<number> =>
  withReader(context, options, async (reader) => {
    const unusable = unusableTracesUrl(context.env);
    if (unusable !== undefined) {
      context.terminal.note(unusable, 'red');
      return exitCode.usage;
    }
    const telling = await startReplayTelling(options.workload, context);
    try {
      return await showVerification(context, reader, options, telling);
    } finally {
      await telling.end();
    }
  });
