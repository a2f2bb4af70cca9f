/** To which requests a cold start is said to belong. */
import { expect, test } from 'vitest';
import { beginColdStart, noteHeld } from './cold-start.ts';
import { createRequestContexts } from './request-context.ts';
import { RequestTrace } from './request-trace.ts';
import { startMs, storyRequest } from './testing/workloads-of-story.ts';

test('who waits while the followed request is being answered was not held with it', () => {
  const contexts = createRequestContexts({ instance: '1-boot', isTold: true });
  const start = beginColdStart(storyRequest(), contexts, startMs);
  const wait = () => {
    const trace = new RequestTrace(contexts.sampled(null), startMs + 100);
    noteHeld({ ...storyRequest(), note: trace }, start);
    return trace;
  };
  expect(wait()).toMatchObject({ wasHeld: true, heldWith: start.stated.context });
  start.firstByteAtMs = startMs + 50;
  expect(wait()).toMatchObject({ wasHeld: true, heldWith: null });
});
