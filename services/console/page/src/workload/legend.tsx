/** The names of a chart's lines with a sample of each, and what each was worth at a moment. */
import type { ChartColours } from './chart-colours.ts';
import type { DrawnLine } from './chart-options.ts';

/** The names of the colours in the style sheet. */
const cssName = (colour: keyof ChartColours): string => `var(--c-${colour})`;

const LineSample = ({ drawn }: { readonly drawn: DrawnLine }) => (
  <svg class="line-sample" viewBox="0 0 22 10" aria-hidden="true">
    {drawn.area !== undefined && (
      <rect
        x="0"
        y="4"
        width="22"
        height="6"
        style={{ fill: cssName(drawn.colour), opacity: 0.3 }}
      />
    )}
    <line
      x1="0"
      x2="22"
      y1="5"
      y2="5"
      stroke-width={Math.max(1.5, drawn.widthPx)}
      stroke-dasharray={drawn.dash?.join(' ')}
      style={{ stroke: cssName(drawn.colour) }}
    />
  </svg>
);

export interface LegendProps {
  readonly title: string;
  readonly lines: readonly DrawnLine[];
  /** In the order of the lines. */
  readonly values: readonly string[];
}

export const Legend = ({ title, lines, values }: LegendProps) => (
  <div class="legend">
    <h2>{title}</h2>
    <ul>
      {lines.map((drawn, index) => (
        <li key={drawn.name}>
          <LineSample drawn={drawn} />
          {drawn.name} <b class="number">{values[index] ?? '–'}</b>
        </li>
      ))}
    </ul>
  </div>
);
