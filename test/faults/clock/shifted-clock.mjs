/** Preloaded into a service: its wall clock is off by what CLOCK_OFFSET_FILE says in ms. */
import { readFileSync } from 'node:fs';

const RealDate = Date;
const file = process.env.CLOCK_OFFSET_FILE ?? '';
let offsetMs = 0;

function readOffset() {
  try {
    offsetMs = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    // Nobody has shifted it yet.
    offsetMs = 0;
  }
}

class ShiftedDate extends RealDate {
  /** @param {unknown[]} given */
  constructor(...given) {
    // @ts-expect-error the real constructor takes what it is given
    super(...(given.length === 0 ? [RealDate.now() + offsetMs] : given));
  }

  static now() {
    return RealDate.now() + offsetMs;
  }
}

readOffset();
globalThis.Date = /** @type {DateConstructor} */ (/** @type {unknown} */ (ShiftedDate));
// It jumps in the middle of work, as a clock does that is set.
process.on('SIGUSR2', readOffset);
