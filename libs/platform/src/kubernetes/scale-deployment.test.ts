/** Writing replicas against everything that an API server can answer. */
import { OutsideError } from '@flyball/contracts';
import { afterEach, expect, it, vi } from 'vitest';
import type { ScaleRequest } from '../platform.ts';
import { type ClusterAccess, connectCluster } from './cluster-access.ts';
import type { KeptDeployment } from './deployment-object.ts';
import { type ScaleParts, scaleDeployment } from './scale-deployment.ts';
import {
  type AnsweringServer,
  type SaidAnswer,
  startAnsweringServer,
} from './testing/answering-server.ts';

const web: KeptDeployment = {
  ...{ workload: 'default/web', namespace: 'default', name: 'web', uid: 'u1' },
  ...{ resourceVersion: '105', replicasSince: '100', generation: 3, replicas: 2 },
  replicasWrite: { manager: 'flyball-actuator', writtenAt: '' },
  ...{ annotations: {}, enabled: true, isRevision: false, createdAtMs: 0 },
};

let server: AnsweringServer | undefined;
let access: ClusterAccess | undefined;
afterEach(async () => {
  vi.useRealTimers();
  await access?.close();
  await server?.[Symbol.asyncDispose]();
});

interface World {
  known?: KeptDeployment | undefined;
  /** What a read finds, in order; the last one stays. */
  readonly stored?: (KeptDeployment | undefined)[];
  /** What the watch shows after a conflict. */
  readonly shown?: KeptDeployment;
  readonly isOurs?: boolean;
}

/** A server that answers so, one after the other, and what is known around it. */
const begin = async (answers: SaidAnswer[], world: World = { known: web }) => {
  server = await startAnsweringServer(() => {
    return answers.shift() ?? { body: { metadata: { resourceVersion: '200' }, spec: {} } };
  });
  access = connectCluster({ kubeconfig: server.kubeconfig, namespaces: [], requestTimeoutMs: 200 });
  const state = { known: world.known, reads: 0, prepared: [] as number[] };
  const parts: ScaleParts = {
    access,
    deployments: {
      newest: () => state.known,
      whenNewer: async () => {
        state.known = world.shown ?? state.known;
      },
      read: async () => {
        state.reads += 1;
        return world.stored?.[Math.min(state.reads, world.stored.length) - 1];
      },
      note: (deployment) => {
        state.known = deployment;
      },
    },
    isOurs: () => world.isOurs ?? true,
    prepareFewer: async (_, left) => void state.prepared.push(left),
  };
  const scale = (replicas: number, resourceVersion = '100', more: Partial<ScaleRequest> = {}) =>
    scaleDeployment(parts, { workload: 'default/web', replicas, resourceVersion, ...more });
  const codeOf = async (replicas: number, resourceVersion?: string) => {
    const error = await scale(replicas, resourceVersion).catch((reason: unknown) => reason);
    return error instanceof OutsideError ? error.code : error;
  };
  return { state, scale, codeOf };
};

it('is one call, with our name, our version and our uid', async () => {
  const { scale, state } = await begin([]);
  expect(await scale(0)).toEqual({ from: 2, resourceVersion: '200' });
  expect(server?.calls).toMatchObject([
    {
      method: 'PATCH',
      path:
        '/apis/apps/v1/namespaces/default/deployments/web/scale' +
        '?fieldManager=flyball-actuator&force=true',
      contentType: 'application/apply-patch+yaml',
      body: {
        ...{ apiVersion: 'autoscaling/v1', kind: 'Scale' },
        metadata: { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '105' },
        spec: { replicas: 0 },
      },
    },
  ]);
  expect(state).toMatchObject({ reads: 0, prepared: [0] });
  // The watch may not have shown it yet: the next write stands on it.
  expect(await scale(3, '200')).toMatchObject({ from: 0 });
});

it('takes the trace context of its write along, at each try', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const shown = { ...web, resourceVersion: '106' };
  const { scale } = await begin([{ status: 409 }], { known: web, shown });
  await scale(5, '100', { traceparent });
  await scale(6, '200');
  expect(server?.calls.map((call) => call.traceparent)).toEqual([traceparent, traceparent, '']);
});

it('is sent again when only its status was written, with the version that is shown', async () => {
  const shown = { ...web, resourceVersion: '106' };
  const { scale, state } = await begin([{ status: 409 }], { known: web, shown });
  expect(await scale(5)).toEqual({ from: 2, resourceVersion: '200' });
  expect(server?.calls.map(({ body }) => body)).toMatchObject([
    { metadata: { resourceVersion: '105' } },
    { metadata: { resourceVersion: '106' } },
  ]);
  expect(state.reads).toBe(0);
});

it('reads what the watch does not show in time', async () => {
  const stored = [{ ...web, resourceVersion: '107' }];
  const { scale, state } = await begin([{ status: 409 }], { known: web, stored });
  expect(await scale(5)).toMatchObject({ from: 2 });
  expect(state.reads).toBe(1);
});

it('is a conflict when the replicas were written since, even to the same again', async () => {
  const shown = { ...web, resourceVersion: '109', replicasSince: '108' };
  const { codeOf } = await begin([{ status: 409 }], { known: web, shown });
  expect(await codeOf(5)).toBe('PLATFORM_CONFLICT');
  expect(server?.calls).toHaveLength(1);
});

it('is a conflict of an older version before anything is sent', async () => {
  const { codeOf } = await begin([]);
  expect(await codeOf(5, '99')).toBe('PLATFORM_CONFLICT');
  expect(server?.calls).toEqual([]);
});

it('is a conflict of another object of the same name', async () => {
  const shown = { ...web, uid: 'u2', resourceVersion: '109' };
  const { codeOf } = await begin([{ status: 409 }], { known: web, shown });
  expect(await codeOf(5)).toBe('PLATFORM_CONFLICT');
});

it('is not tried again by a writer that was stopped for longer than its ownership', async () => {
  const shown = { ...web, resourceVersion: '106' };
  const { codeOf } = await begin([{ status: 409 }], { known: web, shown });
  const now = vi.spyOn(performance, 'now');
  const startedMs = performance.now();
  // Stopped between the write and its answer, and woken later.
  now.mockReturnValueOnce(startedMs).mockReturnValue(startedMs + 3_000);
  expect(await codeOf(5)).toBe('PLATFORM_CONFLICT');
  now.mockRestore();
  expect(server?.calls).toHaveLength(1);
});

it('reads first when the request rests on something newer than what is known', async () => {
  const stored = [{ ...web, resourceVersion: '150', replicasSince: '150', replicas: 7 }];
  const { scale } = await begin([], { known: web, stored });
  expect(await scale(5, '150')).toMatchObject({ from: 7 });
});

it('writes nothing where nothing changes', async () => {
  const { scale } = await begin([]);
  expect(await scale(2)).toEqual({ from: 2, resourceVersion: '100' });
  expect(server?.calls).toEqual([]);
});

it.each([
  ['nobody has it', { known: undefined, stored: [undefined] }],
  ['it was opted out', { known: web, isOurs: false }],
] as [string, World][])('is gone when %s', async (_, world) => {
  const { codeOf } = await begin([], world);
  expect(await codeOf(5)).toBe('PLATFORM_GONE');
  expect(server?.calls).toEqual([]);
});

it('is gone when it went in the middle of a conflict', async () => {
  const { codeOf } = await begin([{ status: 409 }], { known: web, stored: [undefined] });
  expect(await codeOf(5)).toBe('PLATFORM_GONE');
});

it.each([
  [{ status: 404 }, 'PLATFORM_GONE'],
  [{ status: 403 }, 'PLATFORM_REFUSED'],
  [{ status: 422 }, 'PLATFORM_REFUSED'],
  [{ status: 429, headers: { 'retry-after': '7' } }, 'PLATFORM_UNREACHABLE'],
  [{ status: 500 }, 'PLATFORM_UNREACHABLE'],
  [{ status: 503 }, 'PLATFORM_UNREACHABLE'],
  [{ reset: true }, 'PLATFORM_UNREACHABLE'],
  [{ silent: true }, 'PLATFORM_UNREACHABLE'],
  [{ body: 'no JSON' }, 'PLATFORM_UNREACHABLE'],
] as [SaidAnswer, string][])('%j is %s, and is not tried twice', async (answer, code) => {
  const { codeOf } = await begin([answer]);
  expect(await codeOf(5)).toBe(code);
  expect(server?.calls).toHaveLength(1);
});

it.each([-1, 0.5, 10_001, Number.NaN])('%d replicas are refused', async (replicas) => {
  const { codeOf } = await begin([]);
  expect(await codeOf(replicas)).toBe('PLATFORM_REFUSED');
  expect(server?.calls).toEqual([]);
});
