/** Reading the log for people: what the command line and the console tell of it. */
export type { Explanation } from './explanation.ts';
export { type PresentAnswer, presentAnswer } from './present-answer.ts';
