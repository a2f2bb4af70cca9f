/** What the outside world does in a story, told as lines: loads, pokes and what is sent again. */
import { startMs } from './play.ts';
import { type Block, listed, rowOf } from './row.ts';
import type { Story, StoryStep } from './story.ts';

const from = (atS: number): number => startMs + Math.round(atS * 1000);

const sentOf = ({ sentAtS }: { readonly sentAtS?: number | undefined }): string | false =>
  sentAtS !== undefined && `all sent at ${sentAtS} s`;

const loadOf = (step: Extract<StoryStep, { step: 'load' }>): string => {
  const { concurrency, inFlight, requests, source, untilS } = step;
  return listed([
    concurrency === null ? 'cannot be measured' : `concurrency ${concurrency}`,
    requests !== undefined && `${requests} requests a second`,
    inFlight !== undefined && `${inFlight} in flight`,
    `until ${untilS} s`,
    `by ${source}`,
    sentOf(step),
  ]);
};

const blockOf = (step: StoryStep): Block | undefined => {
  switch (step.step) {
    case 'load':
      return [
        rowOf({ atMs: from(step.fromS), workload: step.load, event: 'load', why: loadOf(step) }),
      ];
    case 'covers': {
      const why = listed([`none, until ${step.untilS} s`, `by ${step.source}`, sentOf(step)]);
      return [rowOf({ atMs: from(step.fromS), workload: step.covers, event: 'load', why })];
    }
    case 'again': {
      const span = `seconds ${step.fromS} to ${step.untilS} of ${step.again}`;
      return [rowOf({ atMs: from(step.atS), event: 'sent again', why: `${span}, ${step.as}` })];
    }
    // Told by the events that follow from them.
    case 'appears':
    case 'annotated':
    case 'happens':
    case 'poke':
    case 'ends':
      return undefined;
  }
};

/** In the order in which it happens. */
export const blocksOfInput = ({ steps }: Story): readonly Block[] =>
  steps.flatMap((step) => {
    const block = blockOf(step);
    return block === undefined ? [] : [block];
  });
