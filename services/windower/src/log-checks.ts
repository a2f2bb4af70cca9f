/** Whether EVENTS and SAMPLES still hold what a tenure has read of them. */
import type { EventStream, Position } from '@flyball/event-log';
import { createPositionCheck, type PositionCheck } from '@flyball/service';
import { eventsPosition, fence, type LogChecks, samplesPosition, type Tenure } from './tenure.ts';

/**
 * The checks of a tenure; they look at it only once it is there. A stream that came back without
 * its tail would give the same sequences to other messages.
 */
export const createLogChecks = (
  { log, clock, signal }: Pick<Tenure, 'log' | 'clock' | 'signal'>,
  tenure: () => Tenure,
): LogChecks => {
  const checkOf = (stream: EventStream, position: (of: Tenure) => Position): PositionCheck =>
    createPositionCheck({
      ...{ log, stream, clock, signal },
      position: () => position(tenure()),
      onLost: ({ verdict }) => fence(tenure(), `${stream.name} is ${verdict.kind}`),
    });
  const events = checkOf(log.events, eventsPosition);
  const samples = checkOf(log.samples, samplesPosition);
  const holdsOver = async (): Promise<number | undefined> => {
    for (;;) {
      const ofEvents = await events.holdsOver();
      const ofSamples = ofEvents === undefined ? undefined : await samples.holdsOver();
      if (ofEvents === ofSamples || ofSamples === undefined) return ofSamples;
    }
  };
  const standing = (): number | undefined => {
    const ofEvents = events.standing();
    return ofEvents === samples.standing() ? ofEvents : undefined;
  };
  return { events, samples, holdsOver, standing };
};
