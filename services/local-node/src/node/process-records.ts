/** The record of every process that this node starts, and the end of those that outlived it. */
import { join } from 'node:path';
import { OutsideError } from '@flyball/contracts';
import { type Clock, identityOf, orphansOf, signalProcess } from '@flyball/service';
import { z } from 'zod';
import { openJournal } from './journal.ts';

const entrySchema = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('started'),
    pid: z.int().min(2),
    identity: z.string(),
    what: z.string(),
  }),
  z.strictObject({ op: z.literal('ended'), pid: z.int().min(2) }),
  /** The local-node itself: two of them would end each other's pods. */
  z.strictObject({ op: z.literal('node'), pid: z.int().min(1), identity: z.string() }),
]);

type Entry = z.infer<typeof entrySchema>;
type Started = Extract<Entry, { op: 'started' }>;
type NodeEntry = Extract<Entry, { op: 'node' }>;

/** Processes of an earlier life get this long after SIGTERM, then SIGKILL. */
const leftoverGraceMs = 2_000;
/** What SIGKILL does not end within this hangs in the kernel: nothing more can be done. */
const killedMaxMs = 2_000;
const pollMs = 20;

/** A record with more lines is written anew. */
const journalLinesMax = 4_000;

export interface ProcessRecords {
  /** Writes down a process that has just started. `what` is for people. */
  readonly started: (pid: number, what: string) => void;
  readonly ended: (pid: number) => void;
  /** Ends what an earlier life left running; the names of what there was. */
  readonly endLeftovers: (clock: Clock) => Promise<readonly string[]>;
  readonly close: () => void;
}

/** The pids to signal for a record: the group by its leader, else the leader's orphans. */
const survivorsOf = ({ pid, identity }: Started): readonly number[] =>
  identityOf(pid) === identity ? [-pid] : orphansOf(pid, identity);

const pause = (clock: Clock): Promise<void> =>
  new Promise((resolve) => void clock.after(pollMs, resolve));

const allGone = async (
  left: readonly Started[],
  clock: Clock,
  limitMs: number,
): Promise<boolean> => {
  const deadlineMs = clock.monotonicMs() + limitMs;
  for (;;) {
    if (left.every((started) => survivorsOf(started).length === 0)) return true;
    if (clock.monotonicMs() >= deadlineMs) return false;
    await pause(clock);
  }
};

const signalAll = (left: readonly Started[], signal: NodeJS.Signals): void => {
  for (const target of left.flatMap(survivorsOf)) signalProcess(target, signal);
};

const refuseSecondNode = (entries: readonly Entry[], dataDir: string): void => {
  const last = entries.findLast((entry): entry is NodeEntry => entry.op === 'node');
  if (last === undefined || last.pid === process.pid) return;
  if (identityOf(last.pid) !== last.identity) return;
  const message = `another local-node (pid ${last.pid}) uses ${dataDir}; stop it, or set`;
  throw new OutsideError(
    'PLATFORM_REFUSED',
    `${message} FLYBALL_NODE_FOLDER to another directory`,
    {
      retriable: false,
    },
  );
};

/** Opens the record; throws OutsideError PLATFORM_REFUSED while another local-node has it open. */
export const openProcessRecords = (dataDir: string): ProcessRecords => {
  const { journal, entries } = openJournal(join(dataDir, 'pods.jsonl'), entrySchema);
  refuseSecondNode(entries, dataDir);
  const { pid: nodePid } = process;
  const self: Entry = { op: 'node', pid: nodePid, identity: identityOf(nodePid) ?? '' };
  const running = new Map<number, Started>();
  const fold = (entry: Entry): void => {
    if (entry.op === 'started') running.set(entry.pid, entry);
    else if (entry.op === 'ended') running.delete(entry.pid);
  };
  for (const entry of entries) fold(entry);
  journal.append(self);
  const write = (entry: Entry): void => {
    fold(entry);
    journal.append(entry);
    if (journal.lines > journalLinesMax) journal.rewrite([self, ...running.values()]);
  };
  return {
    started: (pid, what) => {
      const identity = identityOf(pid);
      // Gone already: its exit is about to be told, and there is nothing to clean up.
      if (identity !== undefined) write({ op: 'started', pid, identity, what });
    },
    ended: (pid) => {
      if (running.has(pid)) write({ op: 'ended', pid });
    },
    endLeftovers: async (clock) => {
      const left = [...running.values()].filter((started) => survivorsOf(started).length > 0);
      signalAll(left, 'SIGTERM');
      if (!(await allGone(left, clock, leftoverGraceMs))) {
        signalAll(left, 'SIGKILL');
        await allGone(left, clock, killedMaxMs);
      }
      running.clear();
      journal.rewrite([self]);
      return left.map(({ what, pid }) => `${what} (pid ${pid})`);
    },
    close: journal.close,
  };
};
