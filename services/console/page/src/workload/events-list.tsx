/** What is recorded of a workload in the time that is shown, the newest first. */
import type { EventsTold, ToldEvent } from '../../../src/wire.ts';
import type { Loaded } from '../data/kept.ts';
import { dateAndTime } from '../format/time.ts';
import { FailureNotice, Loading } from '../parts/notice.tsx';
import { traceLink } from '../routing/route.ts';

export interface EventLineProps {
  readonly event: ToldEvent;
  readonly isChosen: boolean;
  readonly onChoose?: (atMs: number) => void;
  /** Where its trace is shown already, no link leads there. */
  readonly hasTraceLink: boolean;
  readonly nowMs: number;
}

/** One event, as `flyball history` prints it. */
export const EventLine = (props: EventLineProps) => {
  const { event, isChosen, onChoose, hasTraceLink, nowMs } = props;
  const { atMs, type, sentence, traceId } = event;
  const time = dateAndTime(atMs, nowMs);
  return (
    <li class={isChosen ? 'is-chosen' : undefined}>
      {onChoose === undefined ? (
        <time class="number">{time}</time>
      ) : (
        <button type="button" class="number" title="Explain" onClick={() => onChoose(atMs)}>
          {time}
        </button>
      )}
      <span class="event-type">{type}</span>
      <span class="event-sentence">{sentence}</span>
      {hasTraceLink && traceId !== null && (
        <a href={traceLink(traceId)} aria-label={`trace of ${type} at ${time}`}>
          trace
        </a>
      )}
    </li>
  );
};

export interface EventsListProps {
  readonly told: Loaded<EventsTold>;
  readonly chosenMs: number | null;
  readonly onChoose: (atMs: number) => void;
  readonly nowMs: number;
}

const countWords = ({ body, isLoading }: Loaded<EventsTold>): string => {
  if (body === null) return '';
  // Those of another time are listed still.
  if (isLoading) return 'loading …';
  return `${body.more ? 'the newest ' : ''}${body.events.length} in this time`;
};

export const EventsList = ({ told, chosenMs, onChoose, nowMs }: EventsListProps) => {
  const { body, failure, isLoading } = told;
  const events = body?.events ?? [];
  const chosen = chosenMs === null ? undefined : events.findLast(({ atMs }) => atMs <= chosenMs);
  return (
    <section class="events" aria-labelledby="events" aria-busy={isLoading}>
      <h2 id="events">
        Events <small class="soft">{countWords(told)}</small>
      </h2>
      {failure !== null && (
        <FailureNotice title="The events cannot be read now" failure={failure} />
      )}
      {isLoading && body === null && <Loading what="events" />}
      {body !== null && !isLoading && events.length === 0 && (
        <p class="soft">Nothing is recorded in this time. A longer one may show why.</p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keys reach what scrolls */}
      <ol class="event-lines" tabIndex={0} aria-labelledby="events">
        {events.toReversed().map((event) => (
          <EventLine
            key={event.id}
            event={event}
            isChosen={event === chosen}
            onChoose={onChoose}
            hasTraceLink
            nowMs={nowMs}
          />
        ))}
      </ol>
    </section>
  );
};
