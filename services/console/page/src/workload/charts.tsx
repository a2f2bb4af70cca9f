/** The charts of a workload over one time axis, with the moment that is looked at. */
import { useMemo, useState } from 'preact/hooks';
import type { Series } from '../../../src/wire.ts';
import { load, loadUnit } from '../format/amount.ts';
import { timeOfDay } from '../format/time.ts';
import type { Stretch } from '../routing/shown-range.ts';
import { Chart } from './chart.tsx';
import { loadLines, replicaLines } from './chart-options.ts';
import { Legend } from './legend.tsx';
import { MarkKey, MarkLane } from './mark-lane.tsx';
import { momentBeside } from './moments.ts';
import { momentOf, momentsOf, type SeriesMoment, seriesSentence } from './series-table.ts';

const loadHeightPx = 230;
const replicasHeightPx = 150;
/** Moments that Page Up and Page Down pass over. */
const pageMoments = 10;

const loadValues = (moment: SeriesMoment): readonly string[] =>
  [moment.waiting, moment.concurrency, moment.target, moment.panic, moment.stable].map(load);
const replicaValues = (moment: SeriesMoment): readonly string[] =>
  [moment.ready, moment.applied, moment.wanted].map((count) => (count === null ? '–' : `${count}`));

const momentWords = (moment: SeriesMoment, metric: Series['metric']): string =>
  `${timeOfDay(moment.atMs)}: stable ${load(moment.stable)}, panic ${load(moment.panic)} ` +
  `${loadUnit(metric)}; ${moment.ready} of ${moment.wanted ?? 0} replicas ready`;

/** How many moments a key goes on by; undefined for other keys. */
const stepsOfKey = (key: string): number | undefined => {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowDown: -1,
    ArrowRight: 1,
    ArrowUp: 1,
    PageDown: -pageMoments,
    PageUp: pageMoments,
    Home: Number.NEGATIVE_INFINITY,
    End: Number.POSITIVE_INFINITY,
  };
  return steps[key];
};

export interface ChartsProps {
  readonly series: Series;
  readonly stretch: Stretch;
  readonly chosenMs: number | null;
  readonly isDark: boolean;
  readonly onChoose: (atMs: number | null) => void;
  readonly onStretch: (stretch: Stretch) => void;
}

export const Charts = (props: ChartsProps) => {
  const { series, stretch, chosenMs, isDark, onChoose, onStretch } = props;
  const [pointedMs, setPointed] = useState<number | null>(null);
  const moments = useMemo(() => momentsOf(series, stretch), [series, stretch]);
  const shown = momentOf(series, pointedMs ?? chosenMs ?? stretch.toMs);
  const chosen = momentOf(series, chosenMs ?? stretch.toMs);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const steps = stepsOfKey(event.key);
    if (event.key === 'Escape') onChoose(null);
    else if (steps === undefined) return;
    else onChoose(momentBeside(moments, chosenMs, steps) ?? null);
    event.preventDefault();
  };
  const both = { series, stretch, chosenMs, isDark, onChoose, onStretch, onPoint: setPointed };
  const title = series.metric === 'rps' ? 'Requests a second' : 'Concurrency';
  return (
    <section class="charts" aria-label="Charts">
      <p class="unseen" id="charts-told">
        {seriesSentence(series, stretch)}
      </p>
      <MarkLane marks={series.marks} stretch={stretch} onChoose={onChoose} />
      <div
        class="charts-surface"
        role="slider"
        tabIndex={0}
        aria-label="Moment to explain"
        aria-describedby="charts-told"
        aria-orientation="horizontal"
        aria-valuemin={Math.round(stretch.fromMs)}
        aria-valuemax={Math.round(stretch.toMs)}
        aria-valuenow={Math.round(chosenMs ?? stretch.toMs)}
        aria-valuetext={momentWords(chosen, series.metric)}
        onKeyDown={onKeyDown}
      >
        <Legend title={title} lines={loadLines} values={loadValues(shown)} />
        <Chart {...both} lines={loadLines} heightPx={loadHeightPx} hasTimes={false} />
        <Legend title="Replicas" lines={replicaLines} values={replicaValues(shown)} />
        <Chart {...both} lines={replicaLines} heightPx={replicasHeightPx} hasTimes />
      </div>
      <div class="charts-foot">
        <MarkKey />
        <span class="soft">
          <span class="swatch is-panic-stretch" aria-hidden="true" /> panic. Click or ← → chooses a
          moment, dragging a stretch of time.
        </span>
      </div>
    </section>
  );
};
