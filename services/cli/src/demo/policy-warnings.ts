/** What a policy of the demo was warned of: each sentence once, however often it is set. */
import type { AnyEvent } from '@flyball/contracts';
import { oneLine } from '@flyball/reading';
import type { Terminal } from '../output/terminal.ts';

/** Gives the lines that belong below an event: none but those of a PolicySet's new warnings. */
export const createWarnings = (terminal: Terminal): ((event: AnyEvent) => readonly string[]) => {
  const told = new Set<string>();
  return (event) => {
    if (event.type !== 'PolicySet') return [];
    const fresh = event.data.warnings.filter((warning) => !told.has(warning));
    for (const warning of fresh) told.add(warning);
    return fresh.map((warning) => terminal.styled('yellow', `      ! ${oneLine(warning)}`));
  };
};
