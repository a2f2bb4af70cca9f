/** What the fleet says is wrong with a workload, until it is mended. */
import type { EventDataByName, EventName, Pen, RecordedEvent } from '@flyball/contracts';
import { decidedState } from '@flyball/domain';
import { RecordedStory } from '@flyball/reading/testing';
import { beforeEach, expect, it } from 'vitest';
import { fleetRow } from './fleet-row.ts';
import { type FactsByWorkload, factsOf, foldFacts } from './workload-facts.ts';

const workload = 'default/web';
let story: RecordedStory;
let facts: FactsByWorkload;

beforeEach(async () => {
  story = await new RecordedStory().begin();
  facts = new Map();
});

const heard = <Name extends EventName>(
  type: Name,
  pen: Pen,
  data: EventDataByName[Name],
  instance = 'watcher',
): void => {
  const event = { id: 'x', type, pen, workload, partition: 0, atMs: 0, seq: 1, data };
  foldFacts(facts, { ...event, source: `/flyball/activator/${instance}` } as RecordedEvent);
};

const row = () => {
  const [decided] = decidedState(story.state);
  const known = story.state.workloads[workload];
  if (decided === undefined || known === undefined) throw new Error('the story has a workload');
  return fleetRow(0, decided, known, factsOf(facts, workload));
};

const failed = { to: 3, decisionId: 'd', attempt: 1, code: 'X', retriable: true };

it('a scale or a routing that was not taken, until it is', () => {
  heard('ScaleFailed', 'actions', { ...failed, message: 'quota\nis full' });
  expect(row().problem).toBe('The scale was not taken: quota is full');
  const applied = { from: 0, to: 3, decisionId: 'd', appliedAtMs: 0, attempt: 2 };
  heard('ScaleApplied', 'actions', { ...applied, resourceVersion: '1', because: 'decided' });
  expect(row().problem).toBeNull();
});

it('pods that crash, each until it is ready or gone; those that drain are well', () => {
  const unready = { reason: 'crashed', message: 'exit 1' } as const;
  heard('PodUnready', 'platform', { pod: 'web-0', ...unready });
  heard('PodUnready', 'platform', { pod: 'web-1', ...unready });
  heard('PodUnready', 'platform', { pod: 'web-2', reason: 'draining', message: '' });
  expect(row().problem).toBe('2 pods cannot run; web-0: exit 1');
  heard('PodReady', 'platform', { pod: 'web-0' });
  expect(row().problem).toBe('1 pod cannot run; web-1: exit 1');
  heard('PodGone', 'platform', { pod: 'web-1' });
  expect(row().problem).toBeNull();
});

it('settings that were refused, while those before stay in force', () => {
  const complaint = { path: '', key: 'min-scale', value: '-1', message: 'is too small' };
  heard('PolicyRefused', 'policy', { complaints: [{ ...complaint, allowed: '0 or more' }] });
  expect(row().problem).toBe(
    'Refused settings, those before stay in force: min-scale: -1 is too small',
  );
});

it('a platform that cannot be seen', async () => {
  await story.event('PlatformUnseen', 'platform', { reason: 'no answer' });
  expect(row().problem).toBe('The platform cannot be seen: replicas stay as they are');
});

it('no policy at all, and why', async () => {
  story = new RecordedStory();
  const appeared = { uid: 'u1', replicas: 0, createdAtMs: 0, adopted: false, resourceVersion: '1' };
  await story.event('WorkloadAppeared', 'platform', appeared);
  expect(row().problem).toBe('No policy is in force: none was seen yet');
  const complaint = { path: '', key: 'min-scale', value: '-1', message: 'is too small' };
  heard('PolicyRefused', 'policy', { complaints: [{ ...complaint, allowed: '0 or more' }] });
  expect(row().problem).toBe('No policy is in force: min-scale: -1 is too small');
});

it('who waits is summed over activators, and forgotten with one that is lost', () => {
  const counts = { held: 3, released: 0, timedOut: 0, shed: 0, abandoned: 0, waitedMaxMs: 0 };
  heard('RequestsCounted', 'requests', { ...counts, waiting: 3 }, 'gw0');
  heard('RequestsCounted', 'requests', { ...counts, waiting: 2 }, 'gw1');
  expect(row().waiting).toBe(5);
  heard('RequestsLost', 'lost', { instance: 'gw1', lost: 2, lastCountId: 'c' });
  expect(row().waiting).toBe(3);
  heard('RequestsCounted', 'requests', { ...counts, waiting: 0 }, 'gw0');
  expect(row().waiting).toBe(0);
});

it('is idle when it is measured and nothing comes, and only then', async () => {
  expect(row()).toMatchObject({ seen: 'unobserved', targetUse: null, dataAtMs: null });
  await story.pods(1);
  await story.load(4, 0);
  expect(row()).toMatchObject({ seen: 'idle', stable: 0, targetUse: 0 });
  await story.load(4, 5);
  expect(row().seen).toBe('measured');
});

it('keeps of all activators that ever ran only those that hold requests', () => {
  const counts = { held: 3, released: 0, timedOut: 0, shed: 0, abandoned: 0, waitedMaxMs: 0 };
  for (let boot = 0; boot < 20; boot += 1) {
    for (const waiting of [2, 0]) {
      heard('RequestsCounted', 'requests', { ...counts, waiting }, `gw0-b${boot}`);
    }
  }
  expect(factsOf(facts, workload).waiting.size).toBe(0);
  expect(row().waiting).toBe(0);
});
