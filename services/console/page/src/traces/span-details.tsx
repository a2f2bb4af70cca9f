/** All that is known of one span. */
import type { WaterfallRow } from '@flyball/telemetry/waterfall';
import type { TraceSpan } from '../../../src/wire.ts';
import { dateAndTime, duration } from '../format/time.ts';
import { traceLink } from '../routing/route.ts';

const began = ({ span, offsetMs }: WaterfallRow<TraceSpan>): string =>
  `${dateAndTime(span.startMs, Date.now())}, ${duration(offsetMs)} after the trace began`;

const Links = ({ span }: { readonly span: TraceSpan }) =>
  span.links.length === 0 ? null : (
    <>
      <h3>Links</h3>
      <ul>
        {span.links.map(({ traceId, spanId, attributes }) => (
          <li key={`${traceId} ${spanId}`}>
            {String(attributes?.['flyball.link'] ?? 'linked')}:{' '}
            <a href={traceLink(traceId)}>
              <code>{traceId.slice(0, 8)}</code>
            </a>
          </li>
        ))}
      </ul>
    </>
  );

export const SpanDetails = ({ row }: { readonly row: WaterfallRow<TraceSpan> }) => {
  const { span, durationMs } = row;
  return (
    <section class="span-details" aria-label="The chosen span">
      <h2>{span.name}</h2>
      {span.error !== null && <p class="is-wrong">! {span.error}</p>}
      <dl>
        <div>
          <dt>began</dt>
          <dd class="number">{began(row)}</dd>
        </div>
        <div>
          <dt>took</dt>
          <dd class="number">{duration(durationMs)}</dd>
        </div>
        <div>
          <dt>told by</dt>
          <dd>
            {span.service} {span.instance}
          </dd>
        </div>
        {Object.entries(span.attributes).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{String(value)}</code>
            </dd>
          </div>
        ))}
      </dl>
      <Links span={span} />
      <p class="soft">
        span <code>{span.spanId}</code>
      </p>
    </section>
  );
};
