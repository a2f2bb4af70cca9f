/** The load of the last minutes as a sparkline: one value a tick, only as long as it says more. */
import type { Spark } from '../wire.ts';

const valuesMax = 60;

export interface SparkLine {
  readonly values: Spark;
  /** Adds a tick's value; false: it looks as it did, a flat line that goes on. */
  push(value: number | null): boolean;
}

export const createSpark = (): SparkLine => {
  let values: Spark = [];
  /** How many at the end are the same. */
  let flat = 0;
  return {
    get values() {
      return values;
    },
    push: (value) => {
      const isSame = values.length > 0 && values.at(-1) === value;
      if (isSame && flat === values.length) return false;
      flat = isSame ? flat + 1 : 1;
      values = [...values, value].slice(-valuesMax);
      flat = Math.min(flat, values.length);
      return true;
    },
  };
};
