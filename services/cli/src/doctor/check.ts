/** One thing that Flyball needs: is it there, what was found, and how to mend it. */
import { OutsideError } from '@flyball/contracts';

export interface Check {
  readonly part: string;
  readonly ok: boolean;
  /** Without it Flyball does not work; else it is good to know. */
  readonly needed: boolean;
  readonly found: string;
  /** What to do; null when nothing has to be done. */
  readonly mend: string | null;
}

export const passed = (part: string, found: string): Check => ({
  part,
  ok: true,
  needed: true,
  found,
  mend: null,
});

export const failed = (part: string, found: string, mend: string): Check => ({
  part,
  ok: false,
  needed: true,
  found,
  mend,
});

/** Good to know, and no reason to say that something is missing. */
export const advised = (part: string, found: string, mend: string): Check => ({
  ...failed(part, found, mend),
  needed: false,
});

/** Runs a check; an error of the outside world is its answer. */
export const attempt = async (
  part: string,
  mend: string,
  look: () => Promise<Check>,
): Promise<Check> => {
  try {
    return await look();
  } catch (error) {
    if (error instanceof OutsideError) return failed(part, error.message, mend);
    throw error;
  }
};
