/** What is there no more, or is not there yet, as something else than a failure. */
import { OutsideError } from '@flyball/contracts';

/** The API server says that there is no such object. */
export const isGone = (error: unknown): boolean =>
  error instanceof OutsideError && error.code === 'PLATFORM_GONE';

/** Undefined where there is none; rejects with any other error. */
export const orNothing = async <Value>(reading: Promise<Value>): Promise<Value | undefined> => {
  try {
    return await reading;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};

/** Somebody else wrote it, or removed it: what is there now decides. */
export const isOvertaken = (error: unknown): boolean =>
  isGone(error) || (error instanceof OutsideError && error.code === 'PLATFORM_CONFLICT');
