/** Every workload's row, numbered by when it changed: each browser is told what it has not seen. */
import type { WorkloadKey } from '@flyball/contracts';
import type { FleetRow } from '../wire.ts';

/** Rows that one browser is told; nobody reads more. */
export const rowsMax = 10_000;
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
  row(workload: WorkloadKey): FleetRow | undefined;
  readonly size: number;
}

/** What makes a row worth telling again; its age alone does not. */
const essenceOf = ({ dataAtMs, ...rest }: FleetRow): string =>
  JSON.stringify(rest.seen === 'blind' ? { dataAtMs, ...rest } : rest);

export const createFleet = (): Fleet => {
  const rows = new Map<WorkloadKey, KeptRow>();
  let gone: readonly Gone[] = [];
  let version = 0;
  /** Who has not seen this one is told everything. */
  let wholeFrom = 0;

  const put = (workload: WorkloadKey, row: FleetRow): void => {
    const essence = essenceOf(row);
    const known = rows.get(workload);
    const isSame = known?.essence === essence;
    if (isSame && known.row.dataAtMs === row.dataAtMs) return;
    rows.set(workload, {
      ...{ row, essence, json: JSON.stringify(row) },
      version: isSame ? known.version : version,
    });
  };
  const forget = (workload: WorkloadKey): void => {
    rows.delete(workload);
    gone = [...gone, { workload, version }];
    if (gone.length <= goneMax) return;
    wholeFrom = version;
    gone = [];
  };
  return {
    set: (partition, told) => {
      version += 1;
      const there = new Set(told.map(([workload]) => workload));
      for (const [workload, { row }] of rows) {
        if (row.partition === partition && !there.has(workload)) forget(workload);
      }
      for (const [workload, row] of told) put(workload, row);
    },
    clear: () => {
      version += 1;
      wholeFrom = version;
      rows.clear();
      gone = [];
    },
    all: () => {
      const names = [...rows.keys()].sort().slice(0, rowsMax);
      const told = names.flatMap((workload) => rows.get(workload)?.json ?? []);
      return { version, rows: told, gone: [], more: rows.size - told.length };
    },
    since: (seen) => {
      if (seen < wholeFrom) return undefined;
      const changed = [...rows.values()].filter((kept) => kept.version > seen);
      // Beyond that, which rows a browser has depends on which it was told.
      if (rows.size > rowsMax)
        return changed.length > 0 ? undefined : { version, rows: [], gone: [] };
      const left = gone.filter((one) => one.version > seen && !rows.has(one.workload));
      return {
        version,
        rows: changed.map(({ json }) => json),
        gone: left.map(({ workload }) => workload),
      };
    },
    row: (workload) => rows.get(workload)?.row,
    get size() {
      return rows.size;
    },
  };
};
