/** What the mutations showed: a line as each is known, and a table of them all at the end. */
import { basename } from 'node:path';
import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Finding } from './check-mutations.ts';
import type { MutationGroup } from './mutation.ts';

const columnWidths = [56, 52, 80];
/** No line between rows: a terminal shows twice as many. */
const chars = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

const nameOf = ({ mutation }: Finding): string => `${mutation.breaks}: ${mutation.name}`;

/** `[12/80] ✓ rate-up: … (1.4 s)`; colours only where the reader's terminal shows them. */
export const progressLine = (
  finding: Finding,
  { done, all }: { readonly done: number; readonly all: number },
): string => {
  const { caughtBy, tookMs, group } = finding;
  const caught = caughtBy !== undefined;
  const mark = caught ? styleText('green', '✓') : styleText('red', '✗');
  const place = styleText('dim', `[${`${done}`.padStart(`${all}`.length)}/${all}]`);
  const took = styleText('dim', `(${group.name}, ${(tookMs / 1000).toFixed(1)} s)`);
  const missed = caught ? '' : styleText(['red', 'bold'], ' NOT CAUGHT');
  return `${place} ${mark} ${nameOf(finding)}${missed} ${took}`;
};

/** One table a group, in the order in which its mutations are written down. */
const groupTable = (group: MutationGroup, findings: readonly Finding[]): string => {
  const table = new Table({
    head: ['mutation', 'file', 'caught by'],
    style: { head: [], border: [] },
    chars,
    colWidths: columnWidths,
    wordWrap: true,
    wrapOnWordBoundary: true,
  });
  for (const mutation of group.mutations) {
    const finding = findings.find((each) => each.mutation === mutation);
    if (finding === undefined) continue;
    const { caughtBy } = finding;
    const caught =
      caughtBy === undefined ? 'NOT CAUGHT' : `${basename(caughtBy.file)}: ${caughtBy.test}`;
    table.push([nameOf(finding), mutation.file, caught]);
  }
  return `\n${group.name}: ${group.about}\n${table.toString()}`;
};

/** Lines of text: a table for each group, then what no test noticed, then the counts. */
export const findingsReport = (
  groups: readonly MutationGroup[],
  findings: readonly Finding[],
): string => {
  const missed = findings.filter(({ caughtBy }) => caughtBy === undefined);
  return [
    ...groups.map((group) => groupTable(group, findings)),
    '',
    ...missed.map((finding) => `NOT CAUGHT: ${nameOf(finding)} (${finding.mutation.file})`),
    `${findings.length - missed.length} caught, ${missed.length} not caught`,
  ].join('\n');
};
