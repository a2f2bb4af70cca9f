/** A document's commands, the output that it shows below them, and what of it must be the same. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from './command.ts';

export interface Shown {
  /** The words after `flyball`. */
  readonly words: readonly string[];
  readonly output: string;
}

const shownPattern = /```sh\nflyball ([^\n]+)\n```\n\n```text\n(.*?)```/gs;

/** Each `flyball …` of the document that is followed by its output. */
export const shownIn = async (path: string): Promise<readonly Shown[]> => {
  const text = await readFile(join(repositoryRoot, path), 'utf8');
  return [...text.matchAll(shownPattern)].map(([, command = '', output = '']) => ({
    words: command.trim().split(/\s+/),
    output,
  }));
};

/** What comes in time for its trace in one run, and in another does not. */
const sometimes = /^ *(?:pod ready |[+−\d.]+ +RequestsCounted )/;

/** A time of a second or more, which is shown in other units than a shorter one. */
const longer = /\bN (?:min N )?s\b/g;

/** Where most of the time goes, at the end of a line. */
const slowest = /(?<= {2})[a-z ]+ N ms$/;

/**
 * Lines without what differs from run to run: ids, times, how long a bar is, and numbers but for
 * what a pod is asked to take, which the settings say.
 */
export const sameLines = (output: string): readonly string[] =>
  output
    .split('\n')
    .filter((line) => !sometimes.test(line))
    .map((line) =>
      line
        .replaceAll(/\b(?:[0-9a-f]{32}|[0-9a-f]{8})\b/g, 'ID')
        .replaceAll(/autoscale-go-[0-9a-f]+/g, 'POD')
        .replaceAll(/[▉-▏█]+/g, '')
        .replaceAll(/(?<!÷ |\d)[+−]?\d+(?:[.:]\d+)*/g, 'N')
        .replaceAll(longer, 'N ms')
        .replace(slowest, 'PHASE N ms')
        .replace(/^( *)(.*)$/, (_all, indent: string, rest: string) => {
          return indent + rest.trim().replaceAll(/ +/g, ' ');
        }),
    )
    .filter((line) => line.trim() !== '');
