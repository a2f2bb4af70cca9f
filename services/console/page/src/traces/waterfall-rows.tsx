/** A trace as a waterfall: its spans as a tree over one time axis; one of them is looked at. */
import { waterfall } from '@flyball/telemetry/waterfall';
import { useMemo, useRef } from 'preact/hooks';
import type { TraceSpan } from '../../../src/wire.ts';
import { duration } from '../format/time.ts';
import { familyOf, phaseOf } from './phase-look.ts';

/** Deeper ones are not moved further in: their names need the room. */
const depthMax = 8;
/** A bar that ends behind this share of the width has its time before it, or within. */
const crowdedPercent = 80;
const insidePercent = 20;

export interface WaterfallRowsProps {
  readonly spans: readonly TraceSpan[];
  readonly chosenId: string | null;
  readonly onChoose: (spanId: string) => void;
}

interface Place {
  readonly class: string;
  readonly style: Readonly<Record<string, string>>;
}

/** Where the time of a bar is written, so that it neither leaves the chart nor hides the bar. */
const timePlace = (startPercent: number, endPercent: number): Place => {
  if (endPercent <= crowdedPercent) {
    return { class: 'number', style: { left: `${endPercent}%` } };
  }
  if (startPercent >= insidePercent) {
    return { class: 'number', style: { right: `${100 - startPercent}%` } };
  }
  return { class: 'number is-inside', style: { right: `${100 - endPercent}%` } };
};

/** Five marks of the axis, as shares of the width. */
const shares = [0, 0.25, 0.5, 0.75, 1];

const Axis = ({ durationMs }: { readonly durationMs: number }) => (
  <div class="waterfall-axis" aria-hidden="true">
    <span />
    <span class="waterfall-time">
      {shares.map((share) => (
        <i key={share} style={{ left: `${share * 100}%` }}>
          {share === 0 ? '0' : duration(durationMs * share)}
        </i>
      ))}
    </span>
  </div>
);

const shortService = (service: string): string => service.replace(/^flyball-/, '');

export const WaterfallRows = ({ spans, chosenId, onChoose }: WaterfallRowsProps) => {
  const { rows, durationMs } = useMemo(() => waterfall(spans), [spans]);
  const list = useRef<HTMLDivElement>(null);
  const percentOf = (ms: number): number => (durationMs === 0 ? 0 : (ms / durationMs) * 100);
  const chosen = Math.max(
    0,
    rows.findIndex(({ span }) => span.spanId === chosenId),
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = step === undefined ? undefined : rows[chosen + step];
    if (next === undefined) return;
    event.preventDefault();
    onChoose(next.span.spanId);
    const buttons = list.current?.querySelectorAll<HTMLElement>('button');
    buttons?.item(chosen + (step ?? 0)).focus();
  };
  return (
    <div class="waterfall">
      <Axis durationMs={durationMs} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: its buttons have the keys */}
      <div ref={list} onKeyDown={onKeyDown} class="waterfall-rows">
        {rows.map(({ span, depth, offsetMs, durationMs: tookMs }, index) => {
          const phase = phaseOf(span);
          const startPercent = percentOf(offsetMs);
          return (
            <button
              key={span.spanId}
              type="button"
              class="waterfall-row"
              data-phase={phase ?? undefined}
              data-start={span.startMs}
              data-end={span.endMs}
              aria-pressed={span.spanId === chosenId}
              tabIndex={index === chosen ? 0 : -1}
              onClick={() => onChoose(span.spanId)}
            >
              <span class="waterfall-name" style={{ '--depth': Math.min(depth, depthMax) }}>
                <i class={`swatch of-${familyOf(phase)}`} aria-hidden="true" />
                <b>{phase ?? span.name}</b>
                <small>{shortService(span.service)}</small>
                {span.error !== null && <small class="is-wrong">! failed</small>}
              </span>
              <span class="waterfall-time">
                <i
                  class={`waterfall-bar of-${familyOf(phase)}`}
                  style={{ left: `${startPercent}%`, width: `${percentOf(tookMs)}%` }}
                />
                <span {...timePlace(startPercent, startPercent + percentOf(tookMs))}>
                  {duration(tookMs)}
                </span>
              </span>
            </button>
          );
        })}
      </div>
    </div>
  );
};
