/** A cold start in a log in memory, in the trace of the request that waited for it. */
import { RecordedStory } from '@flyball/reading/testing';

export const storyTraceId = '4bf92f3577b34da6a3ce929d0e0e4736';
export const storySpanId = '00f067aa0ba902b7';

/** `default/web` from zero: a burst, the decision, the scale, a pod, an answer; then a load. */
export const tellColdStart = async (): Promise<RecordedStory> => {
  const story = await new RecordedStory().begin();
  await story.load(4, 0);
  story.traceparent = `00-${storyTraceId}-${storySpanId}-01`;
  const receivedAtMs = story.nowMs + 50;
  await story.burst(50);
  const decision = await story.log.events.last('flyball.events.*.default.web.decisions');
  if (decision === undefined) throw new Error('The burst decided nothing.');
  const decidedAtMs = story.nowMs + 200;
  const appliedAtMs = decidedAtMs + 30;
  story.nowMs = appliedAtMs;
  await story.event('ScaleApplied', 'actions', {
    ...{ from: 0, to: 5, decisionId: decision.id, appliedAtMs, attempt: 1 },
    ...{ resourceVersion: '2', because: 'decided' },
  });
  story.nowMs = receivedAtMs + 700;
  await story.event('ColdStartCompleted', 'requests', {
    ...{ pod: 'web-1', receivedAtMs, sampledAtMs: receivedAtMs + 10 },
    ...{ decidedAtMs, appliedAtMs, podAppearedAtMs: receivedAtMs + 200 },
    ...{ podAddressKnownAtMs: receivedAtMs + 500, connectedAtMs: receivedAtMs + 510 },
    ...{ podReadyAtMs: receivedAtMs + 600, firstByteAtMs: receivedAtMs + 650 },
    ...{ lastByteAtMs: receivedAtMs + 700, status: 200, waited: 50 },
  });
  story.traceparent = null;
  // On from the next whole second, until the decider says how far it has decided.
  story.nowMs = receivedAtMs - 50 + 1_000;
  return story.load(62, 50);
};
