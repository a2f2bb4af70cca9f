/** The load of the last minutes, small. */
import type { Spark } from '../../../src/wire.ts';
import { sparkPath } from './sparkline-path.ts';

const box = { widthPx: 120, heightPx: 22, length: 60 };
/** Room for the width of the line at the edges. */
const edgePx = 2;

export const Sparkline = ({ spark }: { readonly spark: Spark }) => {
  const { line, area } = sparkPath(spark, box);
  const [width, height] = [box.widthPx + 2 * edgePx, box.heightPx + 2 * edgePx];
  return (
    <svg class="spark" viewBox={`-${edgePx} -${edgePx} ${width} ${height}`} aria-hidden="true">
      <path class="spark-ground" d={`M0 ${box.heightPx}H${box.widthPx}`} />
      <path class="spark-area" d={area} />
      <path class="spark-line" d={line} />
    </svg>
  );
};
