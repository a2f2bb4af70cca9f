/** What a soak has shown, as it goes and at its end. */
import Table from 'cli-table3';
import type { Flatness, Reading } from '../judge/flatness.ts';
import { outcomeLine } from '../judge/requests.ts';

const bytesPerMb = 1_000_000;
const none = '–';

export interface StreamSize {
  readonly name: string;
  readonly messages: number;
  readonly bytes: number;
}

export type Judged = 'ledger' | 'chain' | 'replay' | 'requests';

export interface Snapshot {
  /** Since the soak began. */
  readonly atMs: number;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly streams: readonly StreamSize[];
  readonly readings: readonly Reading[];
  readonly events: number;
  readonly problems: Readonly<Record<Judged, readonly string[]>>;
}

export interface SoakResult extends Snapshot {
  readonly faults: readonly string[];
  readonly flatness: readonly Flatness[];
}

const good: Readonly<Record<Judged, string>> = {
  ledger: 'ledger balanced',
  chain: 'chain whole',
  replay: 'replay verified',
  requests: 'no request lost but those of a killed activator',
};
const judgedAll = Object.keys(good) as Judged[];

const sizeOf = ({ name, messages, bytes }: StreamSize): string =>
  `${name} ${messages} (${(bytes / bytesPerMb).toFixed(1)} MB)`;

const useLine = (readings: readonly Reading[]): string => {
  const last = new Map(readings.map((reading) => [reading.name, reading]));
  return [...last.values()]
    .map(
      ({ name, residentMib, fileHandles }) => `${name} ${Math.round(residentMib)}/${fileHandles}`,
    )
    .join(', ');
};

const verdictLines = ({ problems, events }: Snapshot): string[] =>
  judgedAll.flatMap((judged) =>
    problems[judged].length === 0
      ? [`  ${good[judged]}${judged === 'chain' ? ` (${events} events)` : ''}`]
      : problems[judged].map((problem) => `  FAILED ${judged}: ${problem}`),
  );

/** One minute: requests, memory and handles, streams, and what was judged. */
export const sayMinute = (minute: number, snapshot: Snapshot): string =>
  [
    `minute ${minute}`,
    `  requests ${outcomeLine(snapshot.outcomes)}`,
    `  MiB/handles ${useLine(snapshot.readings)}`,
    `  streams ${snapshot.streams.map(sizeOf).join(', ')}`,
    ...verdictLines(snapshot),
  ].join('\n');

const flatText = { true: 'flat', false: 'GROWS', undefined: 'not known' } as const;

const flatnessTable = (flatness: readonly Flatness[]): string => {
  const head = ['process', 'measure', 'second quarter', 'last quarter', 'bound', 'verdict'];
  const table = new Table({ head, style: { head: [], border: [] } });
  const shown = (value: number) => (Number.isNaN(value) ? none : value.toFixed(0));
  for (const { name, measure, second, last, most, isFlat } of flatness) {
    const title = measure === 'residentMib' ? 'memory, MiB' : 'file handles';
    table.push([name, title, shown(second), shown(last), shown(most), flatText[`${isFlat}`]]);
  }
  return table.toString();
};

/** Whether everything held; what is not known of a process did not. */
export const isGood = ({ problems, flatness }: SoakResult): boolean =>
  judgedAll.every((judged) => problems[judged].length === 0) &&
  flatness.every(({ isFlat }) => isFlat === true);

/** The end of a soak. */
export const soakReport = (result: SoakResult): string =>
  [
    `faults done: ${result.faults.length} (${[...new Set(result.faults)].join(', ')})`,
    `requests: ${outcomeLine(result.outcomes)}`,
    `streams: ${result.streams.map(sizeOf).join(', ')}`,
    flatnessTable(result.flatness),
    ...verdictLines(result),
    isGood(result) ? 'soak: good' : 'soak: FAILED',
  ].join('\n');
