/** A verb that does not exist is named as such, also where only its help is asked for. */
import type { Command } from 'commander';
import { distance } from 'fastest-levenshtein';

interface UnknownVerb {
  /** The command that has no such verb. */
  readonly group: Command;
  readonly word: string;
}

/** The first word that should be a verb and is none; options come before it only at the top. */
const findUnknownVerb = (program: Command, words: readonly string[]): UnknownVerb | undefined => {
  let group = program;
  for (const word of words) {
    if (word === 'help') continue;
    if (word.startsWith('-')) {
      if (group === program) continue;
      return undefined;
    }
    if (group.commands.length === 0) return undefined;
    const verb = group.commands.find((command) => command.name() === word);
    if (verb === undefined) return { group, word };
    group = verb;
  }
  return undefined;
};

/** Further away it is another word, not a slip of the hand. */
const reachOf = (word: string): number => Math.max(2, Math.floor(word.length / 3));

const nearestVerb = ({ group, word }: UnknownVerb): string | undefined => {
  const [best] = group.commands
    .map((command) => ({ name: command.name(), far: distance(word, command.name()) }))
    .sort((left, right) => left.far - right.far);
  return best !== undefined && best.far <= reachOf(word) ? best.name : undefined;
};

/** Ends the program with an error and the nearest verb, where the words name none. */
export const refuseUnknownVerb = (program: Command, words: readonly string[]): void => {
  const unknown = findUnknownVerb(program, words);
  if (unknown === undefined) return;
  const nearest = nearestVerb(unknown);
  const hint = nearest === undefined ? '' : `\n(Did you mean ${nearest}?)`;
  unknown.group.error(`error: unknown command '${unknown.word}'${hint}`);
};
