/** What was played, told as a table that a stranger can read and a person reviews in a diff. */
import type { RecordedEvent } from '@flyball/contracts';
import type { Played } from './play.ts';
import { type Block, listed, type Row, secondsOf } from './row.ts';
import { blocksOfEvent } from './rows-of-events.ts';
import { blocksOfInput } from './rows-of-input.ts';
import type { Story } from './story.ts';

/** Fixed, so that a longer cell in one line moves no other line; the last column may run on. */
const widths = { time: 9, event: 19, change: 9, mode: 6, routing: 9, rule: 17 };
const changeArrowAt = 3;
/** Of whom the same is said, the others are named while they are this few. */
const othersNamedMax = 3;

/** Pods of one workload that turn at once are one line. */
const gatherPods = (blocks: readonly Block[]): Block[] => {
  const gathered: Block[] = [];
  for (const block of blocks) {
    const [row] = block;
    const before = gathered.at(-1)?.[0];
    const same =
      row.event.startsWith('Pod') &&
      before?.atMs === row.atMs &&
      before?.event === row.event &&
      before.workload === row.workload;
    if (same) gathered[gathered.length - 1] = [{ ...row, why: `${before.why}, ${row.why}` }];
    else gathered.push(block);
  }
  return gathered;
};

/** What a block says, whoever it is about; pods are named after their workloads. */
const kindOf = (block: Block): string => {
  const [{ workload }] = block;
  const [, name = ''] = workload.split('/');
  const told = block.map(({ why, ...row }) => {
    const anyone = row.event.startsWith('Pod') ? why.replaceAll(`${name}-`, '-') : why;
    return { ...row, workload: '', why: anyone };
  });
  return JSON.stringify(told);
};

/** Many workloads of which the same is said at once are one line: the first, and how many more. */
const gatherWorkloads = (blocks: readonly Block[]): Block[] => {
  const byKind = new Map<string, { readonly block: Block; readonly others: string[] }>();
  for (const block of blocks) {
    const [{ workload }] = block;
    const kind = workload === '' ? JSON.stringify(block) : kindOf(block);
    const same = byKind.get(kind);
    if (same === undefined) byKind.set(kind, { block, others: [] });
    else if (workload !== same.block[0].workload) same.others.push(workload);
  }
  return [...byKind.values()].map(({ block: [row, ...rest], others }) => {
    const named = others.length <= othersNamedMax ? others : [`${others.length} more workloads`];
    const also = others.length > 0 && `and ${named.join(', ')}`;
    return [{ ...row, why: listed([row.why, also]) }, ...rest];
  });
};

/** The arrows of one column stand under each other. */
const alignedChange = (change: string): string => {
  const [from = '', to] = change.split(' → ');
  if (change === '') return '';
  return to === undefined
    ? `${''.padStart(changeArrowAt)}   ${from}`
    : `${from.padStart(changeArrowAt)} → ${to}`;
};

const lineOf = (cells: readonly string[]): string => cells.join(' | ').trimEnd();

const lineOfRow = (row: Row, workloadWidth: number): string =>
  lineOf([
    (row.atMs === undefined ? '' : secondsOf(row.atMs).toFixed(3)).padStart(widths.time),
    row.workload.padEnd(workloadWidth),
    row.event.padEnd(widths.event),
    alignedChange(row.change).padEnd(widths.change),
    row.mode.padEnd(widths.mode),
    row.routing.padEnd(widths.routing),
    row.rule.padEnd(widths.rule),
    row.why,
  ]);

const headOf = (workloadWidth: number): readonly string[] => {
  const names = [
    'seconds'.padStart(widths.time),
    'workload'.padEnd(workloadWidth),
    'event'.padEnd(widths.event),
    'from → to'.padEnd(widths.change),
    'mode'.padEnd(widths.mode),
    'routing'.padEnd(widths.routing),
    'rule'.padEnd(widths.rule),
  ];
  const ruler = [...names, '---'].map((name) => '-'.repeat(name.length)).join('-|-');
  return [lineOf([...names, 'why']), ruler];
};

const countsOf = ({ events, minutes, samples }: Played): string => {
  const count = (type: RecordedEvent['type']) => events.filter((e) => e.type === type).length;
  const ticks = count('DecidedThrough');
  const told = `${events.length} events, ${ticks} ticks, ${count('Decided')} decisions`;
  return `${told}, ${minutes.length} minutes, ${samples.length} batches of samples`;
};

/** What the outside does comes before what is told of the same moment. */
const inOrder = (outside: readonly Block[], inside: readonly Block[]): Block[] =>
  [...outside, ...inside].sort(([a], [b]) => (a.atMs ?? 0) - (b.atMs ?? 0));

/** The story's sentence and settings, a line for everything that happened, and what there was. */
export const tell = (story: Story, played: Played): string => {
  const names = story.steps.flatMap((each) => ('appears' in each ? [each.appears] : []));
  const workloadWidth = Math.max('workload'.length, ...names.map((name) => name.length));
  const settings = Object.entries(story.config).map(([key, value]) => `${key}: ${value}`);
  const inside = gatherWorkloads(gatherPods(played.events.flatMap(blocksOfEvent)));
  const rows = inOrder(blocksOfInput(story), inside).flat();
  return [
    story.story,
    ...settings,
    '',
    ...headOf(workloadWidth),
    ...rows.map((row) => lineOfRow(row, workloadWidth)),
    '',
    countsOf(played),
    '',
  ].join('\n');
};
