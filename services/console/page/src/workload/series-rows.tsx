/** The charts' numbers as a table, for who reads them better so. */
import { useState } from 'preact/hooks';
import type { Series } from '../../../src/wire.ts';
import { load } from '../format/amount.ts';
import { clockTime } from '../format/time.ts';
import type { Stretch } from '../routing/shown-range.ts';
import { seriesSentence, tableMoments } from './series-table.ts';

const rowsShown = 30;

const Rows = ({ series, stretch }: { readonly series: Series; readonly stretch: Stretch }) => (
  <table class="series-rows">
    <caption>{seriesSentence(series, stretch)}</caption>
    <thead>
      <tr>
        {['Time', 'Highest', 'Stable', 'Panic', 'Target', 'Held', 'Wanted', 'Applied', 'Ready'].map(
          (title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ),
        )}
      </tr>
    </thead>
    <tbody>
      {tableMoments(series, stretch, rowsShown)
        .toReversed()
        .map((row) => (
          <tr key={row.atMs}>
            <th scope="row">{clockTime(row.atMs)}</th>
            {[row.concurrency, row.stable, row.panic, row.target].map(load).map((text, index) => (
              <td key={`load ${index < 4 ? index : ''}`}>{text}</td>
            ))}
            <td>{load(row.waiting)}</td>
            <td>{row.wanted ?? '–'}</td>
            <td>{row.applied ?? '–'}</td>
            <td>{row.ready}</td>
          </tr>
        ))}
    </tbody>
  </table>
);

export const SeriesRows = ({
  series,
  stretch,
}: {
  readonly series: Series;
  readonly stretch: Stretch;
}) => {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="as-table" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>The charts as a table</summary>
      {isOpen && <Rows series={series} stretch={stretch} />}
    </details>
  );
};
