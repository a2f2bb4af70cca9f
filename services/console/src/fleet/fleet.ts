/** Every workload's row, numbered by when it changed: each browser is told what it has not seen. */
import type { WorkloadKey } from '@flyball/contracts';
import type { FleetRow } from '../wire.ts';

/** Rows that one browser is told; nobody reads more. */
const rowsMax = 10_000;
/** Who was told of less than this many departures ago is told everything anew. */
const goneMax = 10_000;

interface KeptRow {
  readonly row: FleetRow;
  readonly essence: string;
  /** As it is told; browsers share it. */
  readonly json: string;
  readonly version: number;
}

interface Gone {
  readonly workload: WorkloadKey;
  readonly version: number;
}

/** What one browser has not seen; each row as JSON. */
export interface FleetNews {
  /** To be given back for what comes after. */
  readonly version: number;
  readonly rows: readonly string[];
  readonly gone: readonly WorkloadKey[];
}

export interface Fleet {
  /** The rows of a partition as they are now; those that are not among them are gone. */
  set(partition: number, rows: readonly (readonly [WorkloadKey, FleetRow])[]): void;
  /** Forgets everything: the log is another one. */
  clear(): void;
  /** All rows, by name: at most `rowsMax`; and how many there are beyond. */
  all(): FleetNews & { readonly more: number };
  /** What changed since; undefined: too much, `all` tells it shorter. */
  since(version: number): FleetNews | undefined;
  /** Its row as it was drawn last; undefined: there is none. */
  row(workload: WorkloadKey): FleetRow | undefined;
  readonly size: number;
}

/** What makes a row worth telling again; its age alone does not. */
const essenceOf = ({ dataAtMs, ...rest }: FleetRow): string =>
  JSON.stringify(rest.seen === 'blind' ? { dataAtMs, ...rest } : rest);

/** Who left when; who asks for what was before is told everything instead. */
const createGone = () => {
  let gone: readonly Gone[] = [];
  let wholeFrom = 0;
  return {
    add: (workload: WorkloadKey, version: number): void => {
      gone = [...gone, { workload, version }];
      if (gone.length <= goneMax) return;
      wholeFrom = version;
      gone = [];
    },
    forget: (version: number): void => {
      wholeFrom = version;
      gone = [];
    },
    /** Undefined: that is not known any more. */
    since: (version: number): readonly WorkloadKey[] | undefined =>
      version < wholeFrom
        ? undefined
        : gone.filter((one) => one.version > version).map(({ workload }) => workload),
  };
};

type Rows = Map<WorkloadKey, KeptRow>;

const put = (rows: Rows, workload: WorkloadKey, row: FleetRow, version: number): void => {
  const essence = essenceOf(row);
  const known = rows.get(workload);
  const isSame = known?.essence === essence;
  if (isSame && known.row.dataAtMs === row.dataAtMs) return;
  const kept = { row, essence, json: JSON.stringify(row) };
  rows.set(workload, { ...kept, version: isSame ? known.version : version });
};

const all = (rows: Rows, version: number): ReturnType<Fleet['all']> => {
  const names = [...rows.keys()].sort().slice(0, rowsMax);
  const told = names.flatMap((workload) => rows.get(workload)?.json ?? []);
  return { version, rows: told, gone: [], more: rows.size - told.length };
};

export const createFleet = (): Fleet => {
  const rows: Rows = new Map();
  const gone = createGone();
  let version = 0;
  return {
    set: (partition, told) => {
      version += 1;
      const there = new Set(told.map(([workload]) => workload));
      for (const [workload, { row }] of rows) {
        if (row.partition !== partition || there.has(workload)) continue;
        rows.delete(workload);
        gone.add(workload, version);
      }
      for (const [workload, row] of told) put(rows, workload, row, version);
    },
    clear: () => {
      version += 1;
      rows.clear();
      gone.forget(version);
    },
    all: () => all(rows, version),
    since: (seen) => {
      const left = gone.since(seen);
      const changed = [...rows.values()].filter((kept) => kept.version > seen);
      const isChanged = changed.length > 0 || left?.length !== 0;
      // Beyond that many, which rows a browser has depends on when it was told.
      if (left === undefined || (isChanged && rows.size > rowsMax)) return undefined;
      const told = changed.map(({ json }) => json);
      return { version, rows: told, gone: left.filter((workload) => !rows.has(workload)) };
    },
    row: (workload) => rows.get(workload)?.row,
    get size() {
      return rows.size;
    },
  };
};
