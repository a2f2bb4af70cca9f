/** What the services tell Prometheus under load is what the log says, and only owners tell it. */
import type { WorkloadKey } from '@flyball/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describedMetrics } from '../metrics/described-metrics.ts';
import { type MetricsPage, scrape } from '../metrics/metrics-page.ts';
import { openGateway } from './data-plane/gateway.ts';
import { startPod } from './data-plane/http-ends.ts';
import { shells, until, World, workload } from './shells-bed.ts';
import { natsBus, partitionCount } from './shells-buses.ts';

const [namespace = '', name = ''] = workload.split('/');
const of = { namespace, workload: name };
const documented = new Set((await describedMetrics()).map((metric) => metric.name));

const isOurs = (metric: string): boolean =>
  metric.startsWith('flyball_') && metric !== 'flyball_event_loop_busy_ratio';

describe('the stages, on NATS', () => {
  let world: World;
  let load: NodeJS.Timeout | undefined;

  beforeEach(async () => {
    world = await World.open(natsBus);
  });
  afterEach(async () => {
    clearInterval(load);
    await world.end();
  });

  const pageOf = (as: string): Promise<MetricsPage> =>
    scrape(world.running.get(as)?.healthUrl ?? '');

  /** Tells each second that so many are in flight, and at once. */
  const beginLoad = async (inFlight: number): Promise<void> => {
    await world.poke(inFlight);
    load = setInterval(() => void world.tellSecond(inFlight), 1_000);
  };

  /** The first page of which this holds; looked at until it does. */
  const pageWhere = (
    as: string,
    what: string,
    holds: (page: MetricsPage) => boolean | Promise<boolean>,
  ): Promise<MetricsPage> =>
    until(what, async () => {
      const page = await pageOf(as);
      return (await holds(page)) ? page : undefined;
    });

  const lastRow = async () => {
    const rows = (await world.of('TickObserved')).flatMap(({ data }) => {
      const at = data.rows.workloads.indexOf(workload);
      return at < 0 ? [] : [{ stable: data.rows.stableMilli[at], panic: data.rows.panicMilli[at] }];
    });
    return rows.at(-1);
  };

  it('tell of a burst what was decided on it', async () => {
    await world.begin();
    await beginLoad(50);
    await world.replicasReach(5);
    const isDecided = async (page: MetricsPage): Promise<boolean> => {
      world.platform.makeReady();
      const row = await lastRow();
      const stable = page.of('flyball_workload_stable_average', of)[0]?.value;
      const panic = page.of('flyball_workload_panic_average', of)[0]?.value;
      const isReady = page.sum('flyball_workload_ready_replicas', of) === 5;
      const isOfRow =
        stable === Number(row?.stable) / 1_000 && panic === Number(row?.panic) / 1_000;
      return isReady && isOfRow;
    };
    const decider = await pageWhere('decider', 'the averages of the last row', isDecided);
    const decided = (await world.of('Decided')).at(-1);
    expect(decided?.data).toMatchObject({ to: 5, mode: 'panic' });
    expect(decider.one('flyball_workload_desired_replicas', of)).toBe(5);
    expect(decider.one('flyball_workload_wanted_replicas', of)).toBe(5);
    expect(decider.one('flyball_workload_target', of)).toBe(10);
    expect(decider.one('flyball_workload_panic', of)).toBe(1);
    expect(decider.one('flyball_workload_blind', of)).toBe(0);
    const stable = decider.one('flyball_workload_stable_average', of);
    expect(decider.one('flyball_workload_target_use_ratio', of)).toBeCloseTo(stable / 50, 9);
    expect(decider.one('flyball_decider_workloads', { seen: 'measured' })).toBe(1);
    expect(decider.one('flyball_decider_desired_replicas')).toBe(5);
    expect(decider.one('flyball_decider_panicking_workloads')).toBe(1);
    expect(decider.one('flyball_decider_workloads_left_out')).toBe(0);
    expect(decider.one('flyball_decider_partitions_owned')).toBe(partitionCount);
    expect(decider.one('flyball_decider_partitions')).toBe(partitionCount);

    const isCaughtUp = (page: MetricsPage): boolean =>
      page.of('flyball_windower_pending_messages', { stream: 'SAMPLES' }).length > 0 &&
      page.sum('flyball_windower_pending_messages') === 0;
    const windower = await pageWhere('windower', 'a windower that is caught up', isCaughtUp);
    expect(windower.one('flyball_workload_in_flight_requests', of)).toBe(50);
    expect(windower.one('flyball_workload_data_age_seconds', of)).toBeLessThan(10);
    expect(windower.of('flyball_windower_tick_age_seconds')).toHaveLength(partitionCount);
    expect(windower.sum('flyball_windower_tick_lag_seconds_count')).toBeGreaterThan(0);

    const answered = (await world.of('ScaleApplied')).length;
    const isTold = (page: MetricsPage): boolean =>
      page.sum('flyball_actuator_apply_seconds_count', { result: 'ok' }) >= answered;
    const actuator = await pageWhere('actuator', 'every scale that was applied', isTold);
    expect(actuator.one('flyball_actuator_queue_depth', { queue: 'platform_writes' })).toBe(0);
    expect(actuator.one('flyball_actuator_queue_limit', { queue: 'platform_writes' })).toBe(64);
  });

  it('tell nothing that is not documented, and put nothing aside', async () => {
    await world.begin();
    for (const shell of shells) {
      const page = await pageOf(shell);
      expect([...page.names].filter((one) => isOurs(one) && !documented.has(one))).toEqual([]);
      expect(page.sum(`flyball_${shell}_dead_letters_total`)).toBe(0);
      expect(page.sum(`flyball_${shell}_outputs_total`, { result: 'fenced' })).toBe(0);
    }
  });

  it('leave it to the new owner to tell, once a partition is given up', async () => {
    const others: WorkloadKey[] = ['default/one', 'default/two', 'default/three', 'default/four'];
    await world.begin();
    for (const other of others) world.apply({}, other);
    const told = (page: MetricsPage): readonly string[] =>
      page.of('flyball_workload_desired_replicas').map(({ labels }) => labels.workload ?? '');
    const all = [workload, ...others].map((key) => key.split('/')[1] ?? '').toSorted();
    await pageWhere('decider', 'all are told', (page) => told(page).length === all.length);
    await world.start('decider', 'decider 2');
    const shared = await until('the partitions are shared', async () => {
      const pages = [await pageOf('decider'), await pageOf('decider 2')];
      const own = pages.map((page) => page.sum('flyball_decider_partitions_owned'));
      const workloads = pages.flatMap((page) => told(page));
      const isShared = own.every((count) => count === partitionCount / 2);
      const isToldOnce = new Set(workloads).size === workloads.length;
      return isShared && isToldOnce && workloads.length === all.length ? workloads : undefined;
    });
    expect(shared.toSorted()).toEqual(all);
  });
});

describe('the activator', () => {
  it('tells how requests were held and where their cold start took its time', async () => {
    const cold: WorkloadKey = 'default/cold';
    await using gateway = await openGateway();
    await using pod = await startPod((_pod, _request, response) => response.end('served'));
    await gateway.appear(cold);
    const asked = await gateway.askAndWait(cold, 3);
    const held = await scrape(gateway.activator.told.healthUrl ?? '');
    expect(held.one('flyball_activator_held_requests')).toBe(3);
    expect(held.one('flyball_activator_queue_depth', { queue: 'held_requests' })).toBe(3);
    expect(held.one('flyball_activator_ledger_imbalance')).toBe(0);
    await gateway.facts.addPod(cold, 'cold-1', pod.port);
    await Promise.all(asked.map(({ answer }) => answer));
    const page = await until('the cold start is told', async () => {
      const now = await scrape(gateway.activator.told.healthUrl ?? '');
      return now.sum('flyball_activator_cold_start_seconds_count') === 1 ? now : undefined;
    });
    const ends = 'flyball_activator_held_seconds_count';
    expect(page.one(ends, { end: 'released' })).toBe(3);
    expect(page.sum(ends)).toBe(3);
    expect(page.one('flyball_activator_requests_total', { code: '200' })).toBe(3);
    expect(page.one('flyball_activator_held_requests')).toBe(0);
    expect(page.one('flyball_activator_ledger_imbalance')).toBe(0);
    const isCompleted = (type: string): boolean => type === 'ColdStartCompleted';
    const event = await until('the event of it', () =>
      gateway.bus.eventsOf(cold).find(({ type }) => isCompleted(type)),
    );
    const { receivedAtMs, lastByteAtMs } = event.data as Record<string, number>;
    const phases = page.sum('flyball_activator_cold_start_phase_seconds_sum');
    expect(phases).toBeCloseTo((Number(lastByteAtMs) - Number(receivedAtMs)) / 1_000, 6);
    expect(
      page.sum('flyball_activator_append_seconds_count', { stream: 'SAMPLES' }),
    ).toBeGreaterThan(0);
    expect([...page.names].filter((one) => isOurs(one) && !documented.has(one))).toEqual([]);
  });
});
