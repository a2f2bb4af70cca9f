/** The ledger of held requests, added up from the log alone. */
import { countSchema, lostSchema } from '../../e2e/harness/told-requests.ts';
import { isOf, type JudgedEvent } from './judge-log.ts';

/** The account of one instance for one workload. */
interface Account {
  readonly workload: string;
  lastCountId: string;
  waiting: number;
  /** Told as lost: an activator that lives after all tells them once more as held. */
  lost: number;
  lostAtMs: number;
}

interface Ledger {
  /** Counts that do not follow from the count before, and losses that no count explains. */
  readonly mistakes: readonly string[];
  readonly accounts: readonly Account[];
}

/** Takes a count; undefined when it follows from what was counted before. */
const takeCount = (account: Account, { id, data }: JudgedEvent): string | undefined => {
  const { held, released, timedOut, shed, abandoned, waiting } = countSchema.parse(data);
  const expected = account.waiting + held - released - timedOut - shed - abandoned;
  account.lastCountId = id;
  if (waiting === expected) {
    account.waiting = waiting;
    account.lost = 0;
    return undefined;
  }
  // It has not heard yet that it was taken for dead.
  account.waiting = waiting - account.lost;
  return account.waiting === expected ? undefined : `${id}: ${waiting} wait, not ${expected}`;
};

const takeLoss = (
  accounts: Iterable<Account>,
  { id, data, storedAtMs }: JudgedEvent,
): string | undefined => {
  const { lost, lastCountId } = lostSchema.parse(data);
  const account = [...accounts].find((one) => one.lastCountId === lastCountId);
  if (account?.waiting !== lost) return `${id}: no count of ${lost} waiting`;
  Object.assign(account, { waiting: 0, lost, lostAtMs: storedAtMs });
  return undefined;
};

const readLedger = (events: readonly JudgedEvent[]): Ledger => {
  const accounts = new Map<string, Account>();
  const empty = { lastCountId: '', waiting: 0, lost: 0, lostAtMs: 0 };
  const mistakes = events.flatMap((event) => {
    if (isOf(event, 'requests-lost')) return takeLoss(accounts.values(), event) ?? [];
    if (!isOf(event, 'requests-counted')) return [];
    const account = accounts.get(event.on) ?? { ...empty, workload: event.subject };
    accounts.set(event.on, account);
    return takeCount(account, event) ?? [];
  });
  return { mistakes, accounts: [...accounts.values()] };
};

export const ledgerMistakes = (events: readonly JudgedEvent[]): readonly string[] =>
  readLedger(events).mistakes;

/** What RequestsLost names of a workload since `sinceMs`, and nobody has found again. */
export const lostRequests = (
  events: readonly JudgedEvent[],
  workload: string,
  sinceMs: number,
): number =>
  readLedger(events)
    .accounts.filter((account) => account.workload === workload && account.lostAtMs >= sinceMs)
    .reduce((sum, { lost }) => sum + lost, 0);
