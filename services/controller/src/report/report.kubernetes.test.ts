/** The report loop on a real API server: Events and annotations of a Deployment. */
import {
  chainStart,
  type EventDataByName,
  type EventName,
  encodeEvent,
  eventFrom,
  type Pen,
  subjectOf,
  type WorkloadKey,
} from '@flyball/contracts';
import { type ClusterScene, openClusterScene } from '@flyball/platform/kubernetes/testing';
import { systemClock } from '@flyball/service';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Deployment } from '../objects/cluster-object.ts';
import { type ClusterBed, startLoops } from '../testing/cluster-bed.ts';
import { reportLoop } from './report-loop.ts';

let scene: ClusterScene;
let bed: ClusterBed;
let workload: WorkloadKey;
let other: WorkloadKey;
let uid: string;
let told = 0;
let otherWrites = 0;
const last = new Map<string, { readonly seq: number; readonly chain: string }>();

/** Appends as the stage with that pen would. */
const tell = async <Name extends EventName>(
  type: Name,
  pen: Pen,
  data: Partial<EventDataByName[Name]>,
  of = workload,
): Promise<string> => {
  told += 1;
  const cause = { id: `told${told}`, atMs: systemClock.nowMs() };
  const drafted = { type, pen, workload: of, partition: 0, source: '/story', cause, data };
  const event = eventFrom(drafted as unknown as Parameters<typeof eventFrom>[0]);
  const subject = subjectOf(event);
  const before = last.get(subject) ?? { seq: 0, chain: chainStart };
  const { body, chain } = encodeEvent(event as never, before.chain);
  const message = { subject, id: event.id, body, expectedLastSeq: before.seq };
  const stored = await bed.log.events.append(message);
  if (stored.kind !== 'stored') throw new Error(`${type} was not stored: ${stored.kind}`);
  last.set(subject, { seq: stored.seq, chain });
  return event.id;
};

const uncounted = 'RequestsNotCounted';

const decided = {
  ...{ from: 0, to: 5, mode: 'panic', panicSinceMs: Date.UTC(2026, 0, 1, 10, 41, 30) },
  ...{ routing: 'activator', changed: ['replicas'], reason: '49.8 in flight ÷ 10 a pod = 5' },
  ...{ routingReason: '', binding: 'bounds', rules: [], excessBurstCapacity: -1, activators: 2 },
  ...{ policyId: 'p', algorithm: 1 },
  inputs: {
    ...{ stableAverage: 49.8, panicAverage: 49.8, inFlight: null, coveredAtMs: null },
    ...{ readyPods: 0, startingPods: 0, targetValue: 10, reachable: true, seen: 'measured' },
  },
} as unknown as EventDataByName['Decided'];

interface SeenEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly uid: string; readonly kind: string };
}

const eventsSeen = async (): Promise<readonly SeenEvent[]> => {
  const path = `/api/v1/namespaces/${scene.namespace}/events`;
  const query = 'fieldSelector=involvedObject.kind%3DDeployment,involvedObject.name%3Dweb';
  const { items } = await scene.access.request<{ items: SeenEvent[] }>({
    path: `${path}?${query}`,
  });
  return items.filter(({ reason }) => reason !== 'ScalingReplicaSet');
};

const deployment = (name = 'web'): Promise<Deployment> =>
  scene.access.request<Deployment>({
    path: `/apis/apps/v1/namespaces/${scene.namespace}/deployments/${name}`,
  });

const annotation = async (key: string, name = 'web'): Promise<string | undefined> =>
  (await deployment(name)).metadata.annotations?.[`flyball.dev/status-${key}`];

/** Its uid. */
const created = async (name: string, addresses: readonly string[]): Promise<string> => {
  await scene.createDeployment(name, addresses);
  return (await deployment(name)).metadata.uid ?? '';
};

beforeAll(async () => {
  const kubeconfig = inject('kubeconfig');
  scene = await openClusterScene(kubeconfig);
  workload = `${scene.namespace}/web`;
  other = `${scene.namespace}/other`;
  uid = await created('web', ['10.244.1.1']);
  const otherUid = await created('other', []);
  bed = startLoops([reportLoop], {
    kubeconfig,
    env: {
      FLYBALL_NAMESPACES: scene.namespace,
      FLYBALL_KNATIVE_SERVICES: 'off',
      FLYBALL_STATUS_INTERVAL_MS: '1000',
    },
  });
  // What is in the log before it begins is no news, but it is the state.
  const appeared = { replicas: 1, createdAtMs: 1, adopted: true, resourceVersion: '1' };
  await tell('WorkloadAppeared', 'platform', { ...appeared, uid });
  await tell('WorkloadAppeared', 'platform', { ...appeared, uid: otherUid }, other);
});

afterAll(async () => {
  await bed[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

test('a scale is told on the Deployment with its reason', async () => {
  const decisionId = await tell('Decided', 'decisions', decided);
  await tell('ScaleApplied', 'actions', {
    ...{ from: 1, to: 5, decisionId, appliedAtMs: 1, attempt: 1, resourceVersion: '2' },
    because: 'decided',
  });
  const message = 'Scaled 1 → 5: 49.8 in flight ÷ 10 a pod = 5; panic since 10:41:30 UTC';
  await scene.until('the Event is there', async () =>
    (await eventsSeen()).some((event) => event.message === message),
  );
  const [event] = (await eventsSeen()).filter(({ reason }) => reason === 'Scaled');
  expect(event).toMatchObject({ type: 'Normal', involvedObject: { uid, kind: 'Deployment' } });
});

/**
 * Each Deployment has its turn in the order in which they were due: what is told of another one
 * now is written after a second write of this one.
 */
const untilWrites = async (before: number, count: number): Promise<void> => {
  const written = () => bed.writes.slice(before).filter((call) => call === 'patch deployments');
  otherWrites += 1;
  const wanted = 20 + otherWrites;
  await tell('Decided', 'decisions', { ...decided, to: wanted }, other);
  await scene.until('the other one is written', async () => {
    return (await annotation('desired', 'other')) === `${wanted}`;
  });
  // It is there for all before the one who wrote it has its answer.
  await expect.poll(() => written().length).toBeGreaterThan(count);
  await deployment('other');
  expect(written()).toHaveLength(count + 1);
};

test('the annotations say how it is, in one write, without a hand on the replicas', async () => {
  await scene.until('the annotations are there', async () => (await annotation('desired')) === '5');
  const { metadata, spec } = await deployment();
  expect(metadata.annotations).toMatchObject({
    'flyball.dev/status-mode': 'panic since 2026-01-01T10:41:30Z',
    'flyball.dev/status-routing': 'activator',
    'flyball.dev/status-reason': '49.8 in flight ÷ 10 a pod = 5',
  });
  expect(spec.replicas).toBe(1);
  expect(spec.template.metadata?.annotations).toBeUndefined();
  await untilWrites(0, 1);
});

test('a drift is told as a warning', async () => {
  await tell('ReplicasDrifted', 'platform', {
    ...{ expected: 5, observed: 8, fieldManager: 'kubectl', resourceVersion: '9' },
  });
  await scene.until('the warning is there', async () =>
    (await eventsSeen()).some(
      ({ type, reason }) => type === 'Warning' && reason === 'ReplicasDrifted',
    ),
  );
});

test('a row of decisions is one write of the last of them', async () => {
  const before = bed.writes.length;
  for (const to of [6, 7, 8]) await tell('Decided', 'decisions', { ...decided, to });
  await scene.until('the last one is there', async () => (await annotation('desired')) === '8');
  await untilWrites(before, 1);
});

test('a Deployment is warned of whose Service leads its requests past all counting', async () => {
  await scene.access.request({
    method: 'POST',
    path: `/api/v1/namespaces/${scene.namespace}/services`,
    body: { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } },
  });
  await tell('WorkloadAppeared', 'platform', {
    ...{ uid, replicas: 1, createdAtMs: 1, adopted: true, resourceVersion: '10' },
  });
  await scene.until('the warning is there', async () =>
    (await eventsSeen()).some(({ type, reason }) => type === 'Warning' && reason === uncounted),
  );
  const [{ message, involvedObject } = { message: '' }] = (await eventsSeen()).filter(
    ({ reason }) => reason === uncounted,
  );
  expect(message).toContain('Service web leads requests straight to the pods');
  expect(involvedObject).toMatchObject({ uid, kind: 'Deployment' });
});

test('what is let go keeps none of it', async () => {
  await tell('WorkloadGone', 'platform', { uid, reason: 'opted-out' });
  await scene.until('the annotations are gone', async () => {
    const { annotations = {} } = (await deployment()).metadata;
    return Object.keys(annotations).every((key) => !key.startsWith('flyball.dev/status-'));
  });
});
