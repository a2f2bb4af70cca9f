/** A trace as a waterfall: its spans as a tree over one time axis; one of them is looked at. */
import { waterfall } from '@flyball/telemetry/waterfall';
import { useMemo, useRef } from 'preact/hooks';
import type { TraceSpan } from '../../../src/wire.ts';
import { duration } from '../format/time.ts';
import { familyOf, phaseOf } from './phase-look.ts';

const indentPx = 14;
const depthMax = 8;

export interface WaterfallRowsProps {
  readonly spans: readonly TraceSpan[];
  readonly chosenId: string | null;
  readonly onChoose: (spanId: string) => void;
}

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
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the buttons in it */}
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
              <span
                class="waterfall-name"
                style={{ paddingLeft: `${Math.min(depth, depthMax) * indentPx}px` }}
              >
                <i class={`swatch is-${familyOf(phase)}`} aria-hidden="true" />
                <b>{phase ?? span.name}</b>
                <small>{shortService(span.service)}</small>
                {span.error !== null && <small class="is-wrong">! failed</small>}
              </span>
              <span class="waterfall-time">
                <i
                  class={`waterfall-bar is-${familyOf(phase)}`}
                  style={{ left: `${startPercent}%`, width: `${percentOf(tookMs)}%` }}
                />
                <span
                  class="number"
                  style={
                    startPercent + percentOf(tookMs) > 80
                      ? { right: `${Math.min(84, 100 - startPercent)}%` }
                      : { left: `${startPercent + percentOf(tookMs)}%` }
                  }
                >
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
