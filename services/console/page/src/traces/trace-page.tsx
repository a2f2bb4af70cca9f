/** One trace: where its time went, its spans, the chosen one, and the events beside it. */
import { afterAnswer, waterfall } from '@flyball/telemetry/waterfall';
import { useMemo, useRef } from 'preact/hooks';
import type { TraceTold } from '../../../src/wire.ts';
import { apiAddress } from '../data/fetch-json.ts';
import type { Loaded } from '../data/kept.ts';
import { useJson, useToldConnection } from '../data/use-json.ts';
import { useEvery } from '../data/use-now.ts';
import { counted } from '../format/amount.ts';
import { dateAndTime, duration } from '../format/time.ts';
import { Command, FailureNotice, Loading } from '../parts/notice.tsx';
import { allTraces, routeLink } from '../routing/route.ts';
import { goTo } from '../routing/use-route.ts';
import { EventLine } from '../workload/events-list.tsx';
import { isDue } from './is-settled.ts';
import { momentLink } from './moment-link.ts';
import { kindSigns } from './phase-look.ts';
import { SpanDetails } from './span-details.tsx';
import { TimeSpentBar } from './time-spent-bar.tsx';
import { WaterfallRows } from './waterfall-rows.tsx';

/** Spans arrive in batches, some seconds after they ended. */
const everyMs = 3_000;

const Title = ({ told }: { readonly told: TraceTold }) => {
  const { summary } = told;
  const link = momentLink(told);
  const after = afterAnswer(summary, told.spans);
  return (
    <div class="page-title">
      <h1>
        <span aria-hidden="true">{kindSigns[summary.kind]}</span> {summary.kind}{' '}
        <span class="soft number">{duration(summary.durationMs)}</span>
      </h1>
      <p class="totals">
        <span class="number">{dateAndTime(summary.startMs, Date.now())}</span>
        <span>{counted(summary.spans, 'span')}</span>
        {after !== undefined && <span>after the answer, until {duration(after.untilMs)}</span>}
        <span>
          <code title={summary.traceId}>{summary.traceId.slice(0, 16)}…</code>
        </span>
        {link !== null && <a href={link}>{summary.workload} at that moment</a>}
      </p>
    </div>
  );
};

const Events = ({ events, eventsAway }: Pick<TraceTold, 'events' | 'eventsAway'>) => (
  <section class="events" aria-labelledby="trace-events">
    <h2 id="trace-events">
      Events{' '}
      {eventsAway === null && (
        <small class="soft">{counted(events.length, 'event')} of this trace in the log</small>
      )}
    </h2>
    {eventsAway !== null && (
      <p class="is-wrong" role="alert">
        ! The log cannot be asked now: {eventsAway}
      </p>
    )}
    {eventsAway === null && events.length === 0 && (
      <p class="soft">The log has none of it: only what is decided or held is recorded.</p>
    )}
    {events.length > 0 && (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
      <ol class="event-lines" tabIndex={0} aria-labelledby="trace-events">
        {events.map((event) => (
          <EventLine
            key={event.id}
            event={event}
            isChosen={false}
            hasTraceLink={false}
            nowMs={Date.now()}
          />
        ))}
      </ol>
    )}
  </section>
);

/** What is not kept here any more is told by the log as far as that has it. */
const FromLog = ({ traceId }: { readonly traceId: string }) => (
  <>
    <p>
      The console keeps traces in memory, since it started. What is recorded of this one is put
      together again from the log by
    </p>
    <Command text={`flyball trace ${traceId}`} />
  </>
);

/** Asked for often until it is settled, and now and then from there on. */
const useTrace = (traceId: string): Loaded<TraceTold> => {
  const openedAtMs = useMemo(() => Date.now(), [traceId]);
  const askedAtMs = useRef(openedAtMs);
  const newest = useRef<TraceTold | null>(null);
  const isWanted = () =>
    isDue(newest.current, { openedAtMs, askedAtMs: askedAtMs.current, nowMs: Date.now() });
  const version = useEvery(everyMs, isWanted);
  askedAtMs.current = useMemo(() => Date.now(), [traceId, version]);
  const asked = useJson<TraceTold>(apiAddress(['traces', traceId]), traceId, { version });
  newest.current = asked.body;
  return asked;
};

export interface TracePageProps {
  readonly traceId: string;
  readonly spanId: string | null;
}

export const TracePage = ({ traceId, spanId }: TracePageProps) => {
  const asked = useTrace(traceId);
  const { body, failure, isLoading } = asked;
  useToldConnection(asked);
  const { rows } = useMemo(() => waterfall(body?.spans ?? []), [body]);
  const chosen = rows.find(({ span }) => span.spanId === spanId) ?? rows[0];
  if (body === null) {
    return (
      <>
        <div class="page-title">
          <h1>Trace {traceId.slice(0, 8)}</h1>
        </div>
        {isLoading && <Loading what="the trace" />}
        {failure !== null && (
          <FailureNotice title="This trace cannot be shown" failure={failure}>
            {failure.code === 'UNKNOWN_TRACE' && <FromLog traceId={traceId} />}
          </FailureNotice>
        )}
        <p class="page-foot">
          <a href={routeLink({ page: 'traces', filter: allTraces })}>All traces</a>
        </p>
      </>
    );
  }
  const choose = (next: string) =>
    goTo({ page: 'trace', traceId, spanId: next }, { replace: true });
  return (
    <>
      <Title told={body} />
      <TimeSpentBar spans={body.spans} />
      <div class="trace-parts">
        <div class="trace-main">
          <WaterfallRows
            spans={body.spans}
            chosenId={chosen?.span.spanId ?? null}
            onChoose={choose}
          />
          <Events events={body.events} eventsAway={body.eventsAway} />
        </div>
        {chosen !== undefined && <SpanDetails row={chosen} />}
      </div>
    </>
  );
};
