/** Stories of the decider: given what was known, when it ticks or is poked, then it decides. */
import type {
  AnyEvent,
  EventDataByName,
  EventName,
  FlyballEvent,
  Policy,
  RecordedEvent,
  Seen,
  WorkloadKey,
} from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import { decider } from '../decider/decider.ts';
import type { DeciderState } from '../decider/decider-state.ts';
import { step } from '../stage.ts';

export type Decided = FlyballEvent<'Decided'>;

/** A whole second, so that seconds in a story read as they are. */
export const startMs = 1_767_225_600_000;
export const storyWorkload: WorkloadKey = 'default/web';

export interface StoryRow {
  readonly stable?: number | null;
  /** The stable average when it is not given. */
  readonly panic?: number | null;
  readonly seen?: Seen;
  readonly inFlight?: number | null;
  readonly traceparent?: string;
  readonly workload?: WorkloadKey;
}

const milli = (value: number | null | undefined): number | null =>
  value === null || value === undefined ? null : Math.round(value * 1000);

/** A story under way: every step answers the decisions that it made. */
export class DeciderStory {
  readonly inputs: RecordedEvent[] = [];
  readonly decisions: Decided[] = [];
  readonly through: FlyballEvent<'DecidedThrough'>[] = [];
  state: DeciderState = decider.initialState(0);
  private seq = 0;

  /** Feeds one event that is about the workload. `atS`: seconds since the start. */
  event<Name extends EventName>(
    type: Name,
    data: EventDataByName[Name],
    atS = 0,
    workload: WorkloadKey = storyWorkload,
  ): Decided[] {
    return this.feed({ type, data, atS, workload });
  }

  /** A workload under a policy, with `pods` ready ones when it is adopted. */
  workload(settings: Partial<Policy> = {}, adopted = 0, atS = 0): this {
    const data = { uid: 'u1', createdAtMs: startMs, resourceVersion: '1' };
    this.event('WorkloadAppeared', { ...data, replicas: adopted, adopted: adopted > 0 }, atS);
    this.pods(adopted, atS);
    return this.policy(settings, atS);
  }

  policy(settings: Partial<Policy>, atS = 0): this {
    const policy = { ...storyPolicy, ...settings };
    this.event('PolicySet', { policy, layers: {}, warnings: [] }, atS);
    return this;
  }

  /** Makes the number of ready pods what is said. */
  pods(count: number, atS = 0): this {
    const known = this.state.workloads[storyWorkload]?.readyPods ?? 0;
    for (let pod = known; pod < count; pod += 1) {
      this.event('PodReady', { pod: `web-${pod}` }, atS);
    }
    for (let pod = known; pod > count; pod -= 1) {
      this.event('PodGone', { pod: `web-${pod - 1}` }, atS);
    }
    return this;
  }

  /** So many more pods, none of them ready yet. */
  starting(count: number, atS = 0): this {
    const ready = this.state.workloads[storyWorkload]?.readyPods ?? 0;
    const place = { address: null, metricsAddress: null, createdAtMs: startMs };
    for (let pod = ready; pod < ready + count; pod += 1) {
      this.event('PodAppeared', { pod: `web-${pod}`, ...place }, atS);
    }
    return this;
  }

  routed(routing: 'activator' | 'pods', atS = 0): this {
    const appliedAtMs = startMs + atS * 1000;
    this.event('RoutingApplied', { routing, decisionId: 'd', appliedAtMs }, atS);
    return this;
  }

  tick(atS: number, ...rows: readonly StoryRow[]): Decided[] {
    return this.observed('tick', atS, rows);
  }

  /** Ticks without a row, one every 2 s from `fromS` on and before `untilS`. */
  quiet(fromS: number, untilS: number): this {
    for (let atS = fromS; atS < untilS; atS += 2) this.tick(atS);
    return this;
  }

  poke(atS: number, ...rows: readonly StoryRow[]): Decided[] {
    return this.observed('poke', atS, rows);
  }

  observed(
    kind: 'tick' | 'poke',
    atS: number,
    rows: readonly StoryRow[],
    [part, parts]: readonly [number, number] = [1, 1],
  ): Decided[] {
    const averages = rows.map(({ stable, panic }) => ({ stable, panic: panic ?? stable }));
    const data = {
      kind,
      part,
      parts,
      samplesThroughSeq: 0,
      eventsThroughSeq: 0,
      rows: {
        workloads: rows.map((row) => row.workload ?? storyWorkload),
        stableMilli: averages.map(({ stable }) => milli(stable)),
        panicMilli: averages.map(({ panic }) => milli(panic)),
        seen: rows.map((row) => row.seen ?? 'measured'),
        coveredAtMs: rows.map(() => null),
        inFlight: rows.map((row) => row.inFlight ?? null),
        traceparents: rows.map((row) => row.traceparent ?? null),
      },
    };
    return this.feed({ type: 'TickObserved', data, atS });
  }

  private feed(told: {
    readonly type: EventName;
    readonly data: EventDataByName[EventName];
    readonly atS: number;
    readonly workload?: WorkloadKey;
  }): Decided[] {
    this.seq += 1;
    const { atS, ...fact } = told;
    const event = {
      ...fact,
      id: `e${this.seq}`,
      partition: 0,
      pen: told.type === 'TickObserved' ? 'ticks' : 'platform',
      source: '/story',
      atMs: startMs + Math.round(atS * 1000),
      seq: this.seq,
    } as AnyEvent as RecordedEvent;
    return this.input(event);
  }

  /** Feeds an event as it is. */
  input(event: RecordedEvent): Decided[] {
    this.inputs.push(event);
    const stepped = step(decider, this.state, event);
    this.state = stepped.state;
    const decided: Decided[] = [];
    for (const output of stepped.outputs) {
      if (output.type === 'Decided') decided.push(output as Decided);
      else this.through.push(output as FlyballEvent<'DecidedThrough'>);
    }
    this.decisions.push(...decided);
    return decided;
  }
}

/** The replica counts of some decisions, in order. */
export const replicasOf = (decisions: readonly Decided[]): number[] =>
  decisions.map((decided) => decided.data.to);
