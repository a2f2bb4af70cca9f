/** Workloads in metrics: of one moment, bounded, and only those that are owned. */
import type { WorkloadKey } from '@flyball/contracts';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { registerWorkloadGauges } from './workload-gauges.ts';

interface Row {
  desired: number;
  average: number | null;
}

const bed = (max: number) => {
  const registry = new Registry();
  const rows = new Map<WorkloadKey, Row>();
  registerWorkloadGauges<Row>({
    registry,
    prefix: 'flyball_story',
    max,
    rows: () => rows,
    gauges: [
      { name: 'flyball_workload_desired', help: 'Desired.', value: ({ desired }) => desired },
      { name: 'flyball_workload_average', help: 'Average.', value: ({ average }) => average },
    ],
  });
  const series = async (): Promise<readonly string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('flyball_workload'));
  const leftOut = async (): Promise<string | undefined> =>
    /^flyball_story_workloads_left_out (\d+)$/m.exec(await registry.metrics())?.[1];
  return { registry, rows, series, leftOut };
};

describe('workloads in metrics', () => {
  it('are told by namespace and name, without a series where there is no value', async () => {
    const { rows, series } = bed(10);
    rows.set('default/web', { desired: 3, average: null });
    rows.set('shop/web', { desired: 0, average: 1.5 });
    expect(await series()).toEqual([
      'flyball_workload_desired{namespace="default",workload="web"} 3',
      'flyball_workload_desired{namespace="shop",workload="web"} 0',
      'flyball_workload_average{namespace="shop",workload="web"} 1.5',
    ]);
  });

  it('are forgotten with what owned them, and are as they are at each reading', async () => {
    const { rows, series } = bed(10);
    rows.set('default/web', { desired: 3, average: null });
    await series();
    rows.set('default/web', { desired: 4, average: null });
    expect(await series()).toEqual([
      'flyball_workload_desired{namespace="default",workload="web"} 4',
    ]);
    rows.clear();
    expect(await series()).toEqual([]);
  });

  it('beyond the bound are left out, always the same ones, and counted', async () => {
    const { rows, series, leftOut } = bed(2);
    for (const name of ['d', 'b', 'a', 'c'] as const) {
      rows.set(`default/${name}`, { desired: 1, average: null });
    }
    const first = await series();
    expect(first.map((line) => /workload="(.)"/.exec(line)?.[1])).toEqual(['a', 'b']);
    rows.delete('default/d');
    rows.set('default/d', { desired: 1, average: null });
    expect(await series()).toEqual(first);
    expect(await leftOut()).toBe('2');
  });

  it('beyond the bound are the first by name also as workloads come and go', async () => {
    const { rows, series } = bed(2);
    const told = async (names: string): Promise<string> => {
      rows.clear();
      for (const name of names) {
        rows.set(`default/${name}`, { desired: 1, average: null });
      }
      return (await series()).map((line) => /workload="(.)"/.exec(line)?.[1]).join('');
    };
    expect(await told('hgf')).toBe('fg');
    expect(await told('hgfa')).toBe('af');
    expect(await told('hgf')).toBe('fg');
    expect(await told('hgx')).toBe('gh');
    expect(await told('xyz')).toBe('xy');
    expect(await told('z')).toBe('z');
    expect(await told('zab')).toBe('ab');
  });

  it('are not told at all with a bound of 0', async () => {
    const { rows, series, leftOut } = bed(0);
    rows.set('default/web', { desired: 3, average: 2 });
    expect([await series(), await leftOut()]).toEqual([[], '1']);
  });

  it('are all told of one moment, though others have turns while they are written', async () => {
    const { registry, rows } = bed(10);
    rows.set('default/web', { desired: 1, average: 1 });
    const reading = registry.metrics();
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      rows.set('default/web', { desired: 2, average: 2 });
      if (turns < 10) setImmediate(turn);
    };
    setImmediate(turn);
    const page = await reading;
    expect(turns).toBeGreaterThan(0);
    expect(page).toContain('flyball_workload_desired{namespace="default",workload="web"} 1');
    expect(page).toContain('flyball_workload_average{namespace="default",workload="web"} 1');
  });

  it('may be read by several at once', async () => {
    const { registry, rows } = bed(10);
    rows.set('default/web', { desired: 1, average: 1 });
    const [one, other] = await Promise.all([registry.metrics(), registry.metrics()]);
    expect(one).toBe(other);
    expect(one).toContain('flyball_workload_average{namespace="default",workload="web"} 1');
  });
});
