/** How often and from which seed the fuzzers run; a failure says the command that repeats it. */
import fc from 'fast-check';

const defaultSeed = 20_260_131;
const seedMax = 0x7fff_ffff;

/** The environment by which `npm run fuzz` reaches the tests. */
export const fuzzVariables = { runs: 'FLYBALL_FUZZ_RUNS', seed: 'FLYBALL_FUZZ_SEED' } as const;

/** Of a report: an example may be a megabyte. */
const reportMax = 4_000;

const given = (name: string): number | undefined => {
  const text = process.env[name];
  return text === undefined ? undefined : Number(text);
};

/** The seed of this run. */
export const fuzzSeed = given(fuzzVariables.seed) ?? defaultSeed;

/** How often a fuzzer runs: by default `usual` times, else as often as was asked for. */
export const fuzzRuns = (usual: number): number => given(fuzzVariables.runs) ?? usual;

const repeatedBy = (runs: number): string => `npm run fuzz -- --runs ${runs} --seed ${fuzzSeed}`;

export interface FuzzOptions {
  /** False where what was broken stays so: then smaller examples would fail without a reason. */
  readonly shrinks?: boolean;
}

/** Runs a property; its failure names the shrunk example and the command that repeats it. */
export const fuzz = async <Example>(
  usualRuns: number,
  arbitrary: fc.Arbitrary<Example>,
  holds: (example: Example) => Promise<void> | void,
  { shrinks = true }: FuzzOptions = {},
): Promise<void> => {
  const numRuns = fuzzRuns(usualRuns);
  const property = fc.asyncProperty(arbitrary, async (example) => holds(example));
  const details = await fc.check(property, { seed: fuzzSeed, numRuns, endOnFailure: !shrinks });
  if (!details.failed) return;
  const report = (fc.defaultReportMessage(details) ?? '').slice(0, reportMax);
  const why = String(details.errorInstance).slice(0, reportMax);
  throw new Error(`${report}\n\n${why}\n\nRepeat it: ${repeatedBy(numRuns)}`);
};

/** Reads `--runs N` or `--seed S`: a whole number from 1; throws what is allowed. */
export const parseCount = (option: string, text: string): number => {
  const count = Number(text);
  if (/^[1-9]\d*$/.test(text) && count <= seedMax) return count;
  throw new RangeError(`${option} ${text}: allowed is a whole number from 1 to ${seedMax}.`);
};
