/** Where the time of a request went, as one bar and as a list of its parts. */
import type { TraceSpan } from '../../../src/wire.ts';
import { percent } from '../format/amount.ts';
import { duration } from '../format/time.ts';
import { familyOf, familyWords } from './phase-look.ts';
import { timeSpent } from './time-spent.ts';

/** Parts that take less of the bar have no room for their name; the list has all. */
const namedShare = 0.08;

export const TimeSpentBar = ({ spans }: { readonly spans: readonly TraceSpan[] }) => {
  const parts = timeSpent(spans);
  const totalMs = parts.reduce((sum, { durationMs }) => sum + durationMs, 0);
  if (parts.length === 0 || totalMs === 0) return null;
  return (
    <section class="time-spent" aria-labelledby="time-spent">
      <h2 id="time-spent">
        Where the time went <small class="soft">{duration(totalMs)} in all</small>
      </h2>
      <p class="soft">
        A part lasts until the next one begins; its span below may go on meanwhile, and so be
        longer.
      </p>
      <div class="time-spent-bar" aria-hidden="true">
        {parts.map(({ phase, durationMs }) => (
          <i
            key={phase}
            class={`of-${familyOf(phase)}`}
            title={`${phase} ${duration(durationMs)}`}
            style={{ flexGrow: durationMs }}
          >
            {durationMs / totalMs > namedShare ? phase : ''}
          </i>
        ))}
      </div>
      <ol class="time-spent-parts">
        {parts.map(({ phase, durationMs }) => (
          <li key={phase} data-part={phase} data-ms={durationMs}>
            <i class={`swatch of-${familyOf(phase)}`} aria-hidden="true" />
            {phase} <b class="number">{duration(durationMs)}</b>{' '}
            <small class="soft" title={familyWords[familyOf(phase)]}>
              {percent(durationMs / totalMs)}
            </small>
          </li>
        ))}
      </ol>
    </section>
  );
};
