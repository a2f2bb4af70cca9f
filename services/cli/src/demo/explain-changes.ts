/** Why each replica count: every change of a scene with its way through the rules. */
import type { FlyballEvent } from '@flyball/contracts';
import { explainDecision } from '@flyball/domain';
import { timeOfDay } from '@flyball/reading';
import { columnLines } from '../output/columns.ts';
import type { Terminal } from '../output/terminal.ts';

const moved = ({ from, to }: { from: number | null; to: number }): string =>
  from === null || from === to ? String(to) : `${from} → ${to}`;

/** A headline for each decision, and below it the rules in order; the one that bound is marked. */
export const explainChanges = (
  terminal: Terminal,
  decisions: readonly FlyballEvent<'Decided'>[],
): string[] =>
  decisions.flatMap((decision) => {
    const { headline, rules } = explainDecision(decision);
    const rows = rules.map((rule) => [
      `${rule.binding ? '▸' : ' '} ${rule.rule}`,
      moved(rule),
      rule.why,
    ]);
    const time = terminal.styled('dim', timeOfDay(decision.atMs));
    return [
      `  ${time}  ${terminal.styled('bold', headline)}`,
      ...columnLines(rows).map((line) => terminal.styled('dim', `      ${line}`)),
    ];
  });
