/** A mutation: one thing of the code broken on purpose, to see which test notices. */

export interface Mutation {
  /** What is broken, as a person would say it; unique within all groups. */
  readonly name: string;
  /** The rule, fix, law or guard that it breaks, by its name in the code. */
  readonly breaks: string;
  /** From the repository's root. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly from: string;
  readonly to: string;
}

/** One run of vitest: what is run, and where. */
export interface TestRun {
  readonly project: 'story' | 'house' | 'traces' | 'simulation' | 'integration' | 'e2e';
  /** Test files, and folders of them, from the repository's root. */
  readonly files: readonly string[];
  /** Globs of those among them that another run has. */
  readonly without?: readonly string[];
  /** Only tests whose full name matches this, as a regular expression. */
  readonly named?: string;
}

/** Mutations that the same tests should notice. */
export interface MutationGroup {
  readonly name: string;
  /** One sentence on what is broken here. */
  readonly about: string;
  /** One after the other until one fails: the quickest first. */
  readonly runs: readonly TestRun[];
  readonly mutations: readonly Mutation[];
}

/** Writes down the mutations of one file. */
export const inFile =
  (file: string) =>
  (breaks: string, name: string, from: string, to: string): Mutation => ({
    name,
    breaks,
    file,
    from,
    to,
  });

/** How often `part` is in `text`, overlaps not counted. */
const occurrences = (text: string, part: string): number => text.split(part).length - 1;

/** Why a mutation cannot be applied to this text of its file; undefined when it can. */
export const misfitOf = ({ file, from, to }: Mutation, text: string): string | undefined => {
  if (from === '' || from === to) return `${file}: nothing would change`;
  const found = occurrences(text, from);
  return found === 1 ? undefined : `${file} has ${found} times, not once: ${from}`;
};

/** The file's text with the mutation; throws where it does not fit. */
export const mutated = (mutation: Mutation, text: string): string => {
  const misfit = misfitOf(mutation, text);
  if (misfit !== undefined) throw new Error(`${mutation.name}: ${misfit}`);
  // A function, so that `$` in the replacement means nothing.
  return text.replace(mutation.from, () => mutation.to);
};
