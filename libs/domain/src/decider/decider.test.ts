/** Stories of the decider: from zero to five and back, and what it must not do on the way. */
import { events } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import { DeciderStory, replicasOf, startMs } from '../testing/decider-story.ts';

/** The averages of `inFlight` held constant since `sinceS`, over windows of 60 s and 6 s. */
const steady = (inFlight: number, sinceS: number, untilS: number, nowS: number) => {
  const mean = (windowS: number) => {
    const from = Math.max(Math.floor(sinceS), nowS - windowS);
    const loaded = Math.max(0, Math.min(nowS, untilS) - Math.max(from, sinceS));
    return nowS > from ? (inFlight * loaded) / (nowS - from) : 0;
  };
  return { stable: mean(60), panic: mean(6) };
};

const atZero = (settings = {}): DeciderStory => {
  const story = new DeciderStory().workload(settings);
  story.tick(0);
  return story.routed('activator', 0);
};

/** 50 clients in a closed loop for `loadS`, from zero; ready pods follow 1.2 s behind. */
const fiftyClients = (story: DeciderStory, loadS: number, endS: number) => {
  story.poke(10.402, { stable: 0.01, inFlight: 1 });
  story.poke(10.41, { stable: 0.4, inFlight: 50 });
  story.poke(10.61, { stable: 12, inFlight: 50 });
  let ready = 0;
  for (let nowS = 12; nowS <= endS; nowS += 2) {
    const asked = story.decisions.at(-1)?.data.to ?? 0;
    // Pods come up one after the other.
    ready = asked < ready ? asked : Math.min(asked, ready + 2);
    story.pods(ready, nowS - 0.5);
    story.tick(nowS, steady(50, 10.4, 10.4 + loadS, nowS));
  }
};

describe('from zero', () => {
  it('a new workload with initial scale 0 stays at zero, through the activator', () => {
    const story = new DeciderStory().workload();
    const [decided] = story.tick(0);
    expect(decided?.data).toMatchObject({ from: null, to: 0, routing: 'activator' });
    expect(story.tick(2)).toEqual([]);
  });

  it('the first request gets one pod at once, without waiting for a tick', () => {
    const story = atZero();
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const [decided] = story.poke(10.4, { stable: 0.01, inFlight: 1, traceparent });
    expect(decided?.data).toMatchObject({ from: 0, to: 1, mode: 'stable' });
    expect(decided?.traceparent).toBe(traceparent);
    expect(decided?.atMs).toBe(startMs + 10_400);
  });

  it('a workload that no tick has seen yet is decided by its first poke', () => {
    const story = new DeciderStory().workload();
    expect(replicasOf(story.poke(0.2, { stable: null, inFlight: 3 }))).toEqual([1]);
  });

  it('50 at once ask for 5 in the first decision, 8 at 70 %', () => {
    expect(replicasOf(atZero().poke(10.4, { stable: 0.2, inFlight: 50 }))).toEqual([5]);
    const seventy = atZero({ targetValue: 7, targetUtilization: 0.7 });
    expect(replicasOf(seventy.poke(10.4, { stable: 0.2, inFlight: 50 }))).toEqual([8]);
  });

  it('in behaviour knative the same poke waits for the average', () => {
    const story = atZero({ behaviour: 'knative' });
    expect(replicasOf(story.poke(10.4, { stable: 0.2, inFlight: 50 }))).toEqual([1]);
  });

  it('a poke that counts one request twice asks for no sixth pod', () => {
    const story = atZero();
    story.poke(10.4, { stable: 0.2, inFlight: 50 });
    expect(replicasOf(story.poke(10.6, { stable: 10, inFlight: 51 }))).toEqual([]);
    expect(replicasOf(story.tick(12, { stable: 50.4 }))).toEqual([]);
  });
});

describe('50 clients in a closed loop', () => {
  it('0 → 1 → 5, five under the whole load, then down and back to zero', () => {
    const story = atZero();
    fiftyClients(story, 30, 200);
    const replicas = replicasOf(story.decisions);
    expect(Math.max(...replicas)).toBe(5);
    const underLoad = story.decisions.filter(({ atMs }) => atMs < startMs + 40_400);
    expect(new Set(replicasOf(underLoad.slice(2)))).toEqual(new Set([5]));
    // After the load only fewer, until none.
    const after = replicasOf(story.decisions.filter(({ atMs }) => atMs >= startMs + 40_400));
    expect(after).toEqual([...after].sort((left, right) => right - left));
    expect(after.at(-1)).toBe(0);
  });

  it('stays 5 when panic ends under constant load', () => {
    const story = atZero();
    fiftyClients(story, 300, 200);
    const settled = story.decisions.filter(({ atMs }) => atMs > startMs + 11_000);
    expect(new Set(replicasOf(settled))).toEqual(new Set([5]));
    expect(story.decisions.at(-1)?.data).toMatchObject({ to: 5, mode: 'stable' });
  });

  it('writes no decision per tick: a constant load is told a handful of times', () => {
    const story = atZero();
    fiftyClients(story, 600, 600);
    expect(story.decisions.length).toBeLessThan(10);
  });

  it('asks for 8 at 70 % and stays there', () => {
    const story = atZero({ targetValue: 7, targetUtilization: 0.7 });
    fiftyClients(story, 100, 100);
    const settled = story.decisions.filter(({ atMs }) => atMs > startMs + 10_405);
    expect(new Set(replicasOf(settled))).toEqual(new Set([8]));
  });

  it('never asks for more than max scale, and says so', () => {
    const story = atZero({ maxScale: 3, minScale: 1 });
    fiftyClients(story, 30, 200);
    const replicas = replicasOf(story.decisions);
    expect(Math.max(...replicas)).toBe(3);
    expect(replicas.at(-1)).toBe(1);
    expect(story.decisions.some(({ data }) => data.binding === 'max-scale')).toBe(true);
  });
});

describe('to zero', () => {
  const idle = (settings = {}): DeciderStory => {
    const story = atZero({ targetBurstCapacity: 0, ...settings }).routed('pods', 1);
    story.poke(2, { stable: 0.1, inFlight: 1 });
    story.pods(1, 3).tick(4, { stable: 0.5 });
    return story.quiet(6, 70);
  };

  it('first only leads requests through the activator, then waits for the grace', () => {
    const story = idle();
    const [leave] = story.tick(70, { stable: 0 });
    expect(leave?.data).toMatchObject({ to: 1, routing: 'activator', binding: 'grace' });
    story.routed('activator', 70.1);
    story.tick(98);
    expect(story.state.workloads['default/web']?.asked).toBe(1);
    const [zero] = story.tick(100);
    expect(zero?.data).toMatchObject({ from: 1, to: 0 });
    expect(story.tick(102)).toEqual([]);
  });

  it('never while the activator is not known to be in the path', () => {
    const story = idle();
    story.tick(70, { stable: 0 });
    for (let nowS = 72; nowS < 600; nowS += 2) story.tick(nowS);
    expect(story.decisions.at(-1)?.data.to).toBe(1);
  });

  it('a request within the grace keeps the pods', () => {
    const story = idle();
    story.tick(70, { stable: 0 });
    story.routed('activator', 70.1).tick(80, { stable: 0.2 });
    story.tick(110);
    expect(story.state.workloads['default/web']?.asked).toBe(1);
  });

  it('keeps one pod when scale to zero is off', () => {
    const story = idle({ enableScaleToZero: false });
    story.tick(70, { stable: 0 });
    for (let nowS = 72; nowS < 300; nowS += 2) story.tick(nowS);
    expect(story.decisions.at(-1)?.data).toMatchObject({ to: 1, binding: 'scale-to-zero-off' });
  });
});

describe('what cannot be seen takes nothing away', () => {
  const busy = (): DeciderStory => {
    const story = atZero();
    fiftyClients(story, 300, 100);
    return story;
  };

  it('blind: the pods stay, the decision says why, and seeing again goes on', () => {
    const story = busy();
    const [blind] = story.tick(102, { stable: 0, seen: 'blind' });
    expect(blind?.data).toMatchObject({ to: 5, binding: 'hold-blind', changed: ['reason'] });
    for (let nowS = 104; nowS < 400; nowS += 2) {
      expect(story.tick(nowS, { stable: null, seen: 'blind' })).toEqual([]);
    }
    const [seeing] = story.tick(400, { stable: 30 });
    expect(seeing?.data.to).toBe(3);
  });

  it('blind: a burst may still add', () => {
    const story = busy();
    story.tick(102, { stable: 0, seen: 'blind' });
    const [more] = story.poke(103, { stable: 0, seen: 'blind', inFlight: 200 });
    expect(more?.data.to).toBe(20);
  });

  it('blind: pods above a max scale stay until something is measured', () => {
    const story = busy().policy({ maxScale: 4 }, 101);
    const [blind] = story.tick(102, { stable: 0, seen: 'blind' });
    expect(blind?.data).toMatchObject({ to: 5, binding: 'hold-blind' });
    const [seeing] = story.tick(104, { stable: 50 });
    expect(seeing?.data).toMatchObject({ to: 4, binding: 'max-scale' });
  });

  it('the platform unseen: nothing moves, not even to zero', () => {
    const story = busy();
    story.event('PlatformUnseen', { reason: 'timeout' }, 101);
    for (let nowS = 102; nowS < 400; nowS += 2) story.tick(nowS, { stable: 0 });
    expect(story.decisions.at(-1)?.data).toMatchObject({ to: 5, binding: 'hold-unseen' });
    story.event('PlatformSeen', { unseenMs: 300_000 }, 401);
    expect(replicasOf(story.tick(402))).toEqual([2]);
  });
});

describe('adoption', () => {
  it('pods that it came with stay until one stable window has been covered', () => {
    const story = new DeciderStory().workload({}, 5);
    const [first] = story.tick(2, { stable: 0 });
    expect(first?.data).toMatchObject({ from: null, to: 5, binding: 'adoption' });
    for (let nowS = 4; nowS < 62; nowS += 2) expect(story.tick(nowS)).toEqual([]);
    // The load of one request shows that one pod is enough; the rate takes half.
    expect(story.tick(62, { stable: 1 })[0]?.data.to).toBe(2);
  });

  it('a break in what is measured starts the window again', () => {
    const story = new DeciderStory().workload({}, 5);
    story.tick(2, { stable: 1 });
    story.quiet(4, 40).tick(40, { stable: 1, seen: 'blind' });
    story.quiet(42, 50).tick(50, { stable: 1 });
    story.quiet(52, 110);
    expect(story.state.workloads['default/web']?.asked).toBe(5);
    story.tick(110);
    expect(story.state.workloads['default/web']?.asked).toBe(2);
  });

  it('a new workload reaches its initial scale first', () => {
    const story = new DeciderStory().workload({ initialScale: 3 });
    const [decided] = story.tick(0);
    expect(decided?.data).toMatchObject({ to: 3, binding: 'initial-scale' });
  });

  it('a steady load takes over as soon as the initial scale was reached', () => {
    const story = new DeciderStory().workload({ initialScale: 4 });
    story.tick(0);
    story.pods(4, 1);
    expect(story.tick(2, { stable: 12 }).at(-1)?.data.to ?? 4).toBe(4);
    // No row: the averages are what they were.
    expect(replicasOf(story.tick(4))).toEqual([2]);
  });

  it('an initial scale above the max scale counts as reached at the max scale', () => {
    const story = new DeciderStory().workload({ initialScale: 5, maxScale: 3 });
    expect(replicasOf(story.tick(0))).toEqual([3]);
    story.pods(3, 1).tick(2, { stable: 5 });
    expect(replicasOf(story.tick(4, { stable: 4 }))).toEqual([1]);
  });
});

describe('what is recorded', () => {
  it('every decision fits its schema, ends with its answer, and is one sentence', () => {
    const story = atZero();
    fiftyClients(story, 30, 200);
    for (const { data } of story.decisions) {
      expect(events.Decided.schema.safeParse(data).error).toBeUndefined();
      expect(data.rules.at(-1)).toMatchObject({ rule: data.binding, to: data.to });
    }
    expect(story.decisions[2]?.data.reason).toBe(
      '0.4 in flight ÷ 10 a pod = 1; right now 50 in flight ÷ 10 a pod = 5; panic begins',
    );
  });

  it('each tick ends with one DecidedThrough at its last part, a poke with none', () => {
    const story = new DeciderStory().workload();
    story.observed('tick', 2, [], [1, 2]);
    expect(story.through).toHaveLength(0);
    story.observed('tick', 2, [], [2, 2]);
    story.poke(3, { stable: 1, inFlight: 1 });
    expect(story.through.map(({ data }) => data)).toMatchObject([{ workloads: 1, decisions: 1 }]);
    expect(story.through[0]?.id).toBe(`${story.inputs.at(-2)?.id}:progress:0`);
  });

  it('a policy takes effect at the next tick, without a row', () => {
    const story = atZero();
    story.poke(2, { stable: 1, inFlight: 1 });
    story.pods(1, 3).policy({ minScale: 4 }, 4);
    expect(replicasOf(story.tick(6))).toEqual([4]);
  });

  it('a workload of another class, or gone, is left alone', () => {
    const other = new DeciderStory().workload({ class: 'hpa.autoscaling.knative.dev' });
    expect(other.tick(2, { stable: 50 })).toEqual([]);
    const story = atZero();
    story.event('WorkloadGone', { uid: 'u1', reason: 'deleted' }, 1);
    expect(story.tick(2, { stable: 50 })).toEqual([]);
  });
});
