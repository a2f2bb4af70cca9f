/** Each law of the windows, broken once. */
import { inFile, type MutationGroup } from '../mutation.ts';

const inWindow = inFile('libs/domain/src/windows/window.ts');
const inAverages = inFile('libs/domain/src/windows/averages.ts');

export const windows: MutationGroup = {
  name: 'windows',
  about: 'the laws of a sliding window and of its two averages',
  runs: [
    { project: 'story', files: ['libs/domain/src/windows'], without: ['**/*.property.test.ts'] },
    { project: 'story', files: ['libs/domain/src/windows/**/*.property.test.ts'] },
  ],
  mutations: [
    inWindow(
      'buckets',
      'a part of a second has no bucket',
      'Math.ceil(windowMs / msPerSecond)',
      'Math.floor(windowMs / msPerSecond)',
    ),
    inWindow(
      'sum',
      'of several values of one second the last counts',
      'window.buckets[index] = (window.buckets[index] ?? 0) + value;',
      'window.buckets[index] = value;',
    ),
    inWindow(
      'late',
      'what is older than the window is recorded',
      'if (isTooLate(window, second)) return;',
      '',
    ),
    inWindow(
      'late',
      'a late second is not counted as one more second',
      'second < window.firstSecond) window.firstSecond = second;',
      'false) window.firstSecond = second;',
    ),
    inWindow(
      'gap',
      'seconds that were skipped keep what they held a window ago',
      'window.buckets[index] = 0;\n    }',
      '}',
    ),
    inWindow(
      'restart',
      'a gap as long as the window does not begin a new one',
      '(second - window.lastSecond) * msPerSecond >= window.windowMs) {',
      '(second - window.lastSecond) * msPerSecond > window.windowMs) {',
    ),
    inWindow(
      'empty',
      'a window is empty one second early',
      '(nowSecond - window.lastSecond) * msPerSecond > window.windowMs;',
      '(nowSecond - window.lastSecond) * msPerSecond >= window.windowMs;',
    ),
    inWindow(
      'partial',
      'a window that is not full divides by its whole length',
      'window.lastSecond - window.firstSecond + 1,',
      'window.buckets.length,',
    ),
    inWindow(
      'silence',
      'silence at the end counts as zero',
      'window.buckets.length - silentSeconds,',
      'window.buckets.length,',
    ),
    inWindow(
      'silence',
      'seconds that silence has pushed out still count',
      'total -= window.buckets[slot(window, window.lastSecond + ahead)] ?? 0;',
      '',
    ),
    inWindow(
      'digits',
      'averages are not rounded to six decimals',
      'return rounded(total / seconds);',
      'return total / seconds;',
    ),
    inWindow(
      'digits',
      'halves are rounded towards zero',
      'Math.abs(scaled - whole) >= 0.5',
      'Math.abs(scaled - whole) > 0.5',
    ),
    inWindow(
      'weights',
      'the weights of a full window add up to less',
      'const weightCovered = 0.9999;',
      'const weightCovered = 0.999;',
    ),
    inWindow(
      'weights',
      'a long window fades as slowly as its length asks',
      '(1 / buckets), smoothingMin);',
      '(1 / buckets), 0);',
    ),
    inWindow(
      'weights',
      'silence does not make older seconds fade',
      'smoothing * (1 - smoothing) ** silentSeconds;',
      'smoothing;',
    ),
    inWindow(
      'resize',
      'a resized window keeps the oldest seconds',
      'oldBuckets[(last + oldLength - back) % oldLength] ?? 0;',
      'oldBuckets[(last + 1 + back) % oldLength] ?? 0;',
    ),
    inWindow(
      'resize',
      'a grown window forgets how long its seconds were',
      'window.firstSecond = last - (oldLength - 1);',
      'window.firstSecond = last;',
    ),
    inWindow(
      'resize',
      'an empty window keeps what it held when it is resized',
      '  if (isWindowEmpty(window, nowSecond)) {\n',
      '  if (Number.isNaN(nowSecond)) {\n',
    ),
    inAverages(
      'no-data',
      'a dry panic window is no data at all',
      'isWindowEmpty(stable, nowSecond)',
      'isWindowEmpty(panic, nowSecond)',
    ),
    inAverages(
      'digits',
      'averages are cut off to thousandths',
      'Math.round(value) + 0;',
      'Math.trunc(value) + 0;',
    ),
  ],
};
