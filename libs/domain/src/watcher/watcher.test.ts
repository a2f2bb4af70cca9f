import type { EventDataByName, RecordedEvent } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import {
  config,
  listed,
  listing,
  names,
  opening,
  pod,
  startMs,
  story,
  unseen,
  web,
  workload,
} from '../testing/watched-story.ts';
import { watcherSnapshot, watcherStateFrom } from './state.ts';
import { holdingActivators } from './watcher.ts';

let seq = 0;
const recorded = <Name extends 'RequestsCounted' | 'ScaleApplied'>(
  type: Name,
  data: Partial<EventDataByName[Name]>,
  source = '/flyball/actuator',
): RecordedEvent => {
  seq += 1;
  const pen = type === 'RequestsCounted' ? 'requests' : 'actions';
  return {
    id: `r${seq}`,
    type,
    pen,
    data,
    source,
    seq,
    atMs: startMs,
    partition: 0,
    workload: web,
  } as unknown as RecordedEvent;
};

describe('the watcher', () => {
  it('writes down a workload with its policy, once its listing is whole', () => {
    const { see } = story();
    expect(see(listing, config(undefined), workload())).toEqual([]);
    const said = see(listed);
    expect(names(said)).toEqual(['WorkloadAppeared', 'PolicySet']);
    expect(said[0]).toMatchObject({
      id: expect.stringMatching(/^w-a:\d+:platform:default\/web$/),
      data: { uid: 'u1', replicas: 0, adopted: false },
    });
  });

  it('says nothing when the same is seen again', () => {
    const { see } = story();
    see(...opening);
    expect(see(workload(), ...opening)).toEqual([]);
  });

  it('takes over by the differences only', () => {
    const first = story();
    first.see(...opening, pod({ address: '127.0.0.2:80', ready: true }));
    const stored = JSON.parse(JSON.stringify(watcherSnapshot(first.state())));
    const second = story(watcherStateFrom(stored, 0), 'b');
    const ready = pod({ pod: 'web-2', address: '127.0.0.3:80', ready: true });
    expect(names(second.see(listing, config(undefined), workload(), ready, listed))).toEqual([
      'PodAppeared',
      'PodReady',
      'PodGone',
    ]);
  });

  it('adopts what had pods, and what is older than any new workload', () => {
    const running = story();
    const seen = [workload({ replicas: 2 }), pod({ ready: true, address: 'a:1' })];
    const [appeared] = running.see(listing, ...seen, listed);
    expect(appeared?.data).toMatchObject({ adopted: true, replicas: 2 });
    const old = story().see(listing, workload({ replicas: 2, createdAtMs: 0 }), listed);
    expect(old[0]?.data).toMatchObject({ adopted: true });
    const fresh = story().see(listing, workload({ replicas: 2 }), listed);
    expect(fresh[0]?.data).toMatchObject({ adopted: false });
  });

  it('follows a pod from its address to its end', () => {
    const { see } = story();
    see(...opening);
    expect(names(see(pod()))).toEqual(['PodAppeared']);
    expect(names(see(pod({ address: 'a:1' })))).toEqual(['PodAppeared']);
    expect(names(see(pod({ address: 'a:1', ready: true })))).toEqual(['PodReady']);
    const spoken = { address: 'a:1', ready: true, protocol: 'h2c' } as const;
    expect(see(pod(spoken), pod(spoken))).toMatchObject([
      { type: 'PodAppeared', data: { protocol: 'h2c' } },
    ]);
    expect(names(see(pod({ address: 'a:1', ready: true })))).toEqual(['PodAppeared']);
    const draining = pod({ address: 'a:1', unreadyReason: 'draining', message: 'SIGTERM' });
    expect(see(draining, draining)).toMatchObject([
      { type: 'PodUnready', data: { reason: 'draining', message: 'SIGTERM' } },
    ]);
    expect(names(see({ kind: 'pod-gone', workload: web, pod: 'web-1' }))).toEqual(['PodGone']);
  });

  it('tells only the beginning of what the platform says at length', () => {
    const { see } = story();
    const long = 'x'.repeat(5_000);
    see(...opening, pod({ address: 'a:1', ready: true }));
    expect(see(pod({ address: 'a:1', unreadyReason: 'crashed', message: long }))).toMatchObject([
      { type: 'PodUnready', data: { message: `${'x'.repeat(511)}…` } },
    ]);
    expect(see({ kind: 'unseen', reason: long })).toMatchObject([
      { type: 'PlatformUnseen', data: { reason: `${'x'.repeat(511)}…` } },
    ]);
  });

  it('tells a policy when it changes, by annotation or for all by the config', () => {
    const { see } = story();
    see(...opening);
    expect(see(config({ target: '50' }))).toMatchObject([
      { type: 'PolicySet', data: { policy: { targetValue: 50 } } },
    ]);
    expect(names(see(workload({ annotations: { target: '10' } })))).toEqual(['PolicySet']);
    expect(see(config({ target: '60' }))).toEqual([]);
  });

  it('refuses settings as a whole, once, and says when they are mended', () => {
    const { see } = story();
    see(...opening);
    const broken = workload({ annotations: { target: 'ten' } });
    expect(see(broken, broken)).toMatchObject([
      { type: 'PolicyRefused', data: { complaints: [{ key: 'target', value: 'ten' }] } },
    ]);
    expect(names(see(workload()))).toEqual(['PolicySet']);
  });

  it('lets go of what opts out or is deleted, and knows a new one of the same name', () => {
    const { see } = story();
    see(...opening);
    expect(see(workload({ annotations: { class: 'hpa' } }))).toMatchObject([
      { type: 'WorkloadGone', data: { reason: 'opted-out' } },
    ]);
    expect(names(see(workload({ uid: 'u2' })))).toEqual(['WorkloadAppeared', 'PolicySet']);
    expect(names(see(workload({ uid: 'u3' })))).toEqual([
      'WorkloadGone',
      'WorkloadAppeared',
      'PolicySet',
    ]);
    const gone = see({ kind: 'workload-gone', workload: web, uid: 'u3' });
    expect(gone).toMatchObject([{ type: 'WorkloadGone', data: { uid: 'u3', reason: 'deleted' } }]);
  });

  it('notices a route that comes and goes', () => {
    const { see } = story();
    see(...opening);
    expect(names(see(workload({ reachable: false }), workload()))).toEqual([
      'WorkloadUnreachable',
      'WorkloadReachable',
    ]);
  });

  it('tells the hosts with the route, and again when they change', () => {
    const { see } = story();
    see(...opening);
    const hosts = ['Shop.test', 'api.test:80', 'shop.test', 'not a host'];
    expect(see(workload({ hosts }), workload({ hosts: ['shop.test', 'api.test'] }))).toMatchObject([
      { type: 'WorkloadReachable', data: { hosts: ['api.test', 'shop.test'] } },
    ]);
    expect(see(workload())).toMatchObject([{ type: 'WorkloadReachable', data: { hosts: [] } }]);
    const moved = workload({ reachable: false, hosts: ['shop.test'] });
    expect(names(see(moved))).toEqual(['WorkloadUnreachable']);
    expect(see(workload({ hosts: ['shop.test'] }))).toMatchObject([
      { type: 'WorkloadReachable', data: { hosts: ['shop.test'] } },
    ]);
  });

  it('tells blindness once, and sight after what was missed', () => {
    const { see } = story();
    see(...opening, pod({ address: 'a:1', ready: true }));
    expect(names(see(unseen, unseen))).toEqual(['PlatformUnseen']);
    expect(see(listing, config(undefined), workload())).toEqual([]);
    const said = see(listed);
    expect(names(said)).toEqual(['PodGone', 'PlatformSeen']);
    expect(said[1]?.data).toMatchObject({ unseenMs: expect.any(Number) });
  });

  it('tells a drift once for each version, and none of our own writes', () => {
    const { see, turn } = story();
    see(...opening);
    turn(recorded('ScaleApplied', { to: 3 }));
    const own = workload({ replicas: 5, fieldManager: 'flyball-actuator', resourceVersion: '2' });
    expect(see(own)).toEqual([]);
    const drifted = workload({ replicas: 8, resourceVersion: '3' });
    expect(see(drifted, drifted)).toMatchObject([
      { type: 'ReplicasDrifted', data: { expected: 3, observed: 8, fieldManager: 'kubectl' } },
    ]);
  });

  it('counts as lost what a vanished activator still held', () => {
    const { turn, next, state } = story();
    turn(recorded('RequestsCounted', { waiting: 4 }, '/flyball/activator/gw-1'));
    turn(recorded('RequestsCounted', { waiting: 2 }, '/flyball/activator/gw-2'));
    turn(recorded('RequestsCounted', { waiting: 0 }, '/flyball/activator/gw-2'));
    expect([...holdingActivators(state())]).toEqual(['gw-1']);
    const vanished = (instance: string) => turn({ type: 'ActivatorVanished', ...next(), instance });
    expect(vanished('gw-1')).toMatchObject([
      { type: 'RequestsLost', pen: 'lost', data: { instance: 'gw-1', lost: 4 } },
    ]);
    expect([...vanished('gw-1'), ...vanished('gw-2')]).toEqual([]);
  });

  it('names what the log lost', () => {
    const { turn, next } = story();
    const said = turn({
      type: 'LogLost',
      ...next(),
      stage: 'watcher',
      expectedSeq: 9,
      expectedId: 'x',
      foundSeq: 7,
      expectedStreamCreatedAt: 'a',
      foundStreamCreatedAt: 'a',
    });
    expect(said).toMatchObject([
      { type: 'LogTruncated', pen: 'incidents', data: { expectedSeq: 9, foundSeq: 7 } },
    ]);
  });
});
