/** What our pods may not do, how they are seen, and how they end. */
import { describe, expect, it } from 'vitest';
import { nameOf, objectsOf, overlays, type PodSpec, podsOf } from './rendered-overlay.ts';

const graceDefaultSeconds = 30;
/** Services' own default: FLYBALL_DRAIN_LIMIT_MS. */
const drainDefaultMs = 10_000;

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly values: readonly string[] }[];
}

const drainMsOf = ({ containers }: PodSpec): number => {
  const told = containers.flatMap(({ env = [] }) => env);
  const limit = told.find(({ name }) => name === 'FLYBALL_DRAIN_LIMIT_MS');
  return limit === undefined ? drainDefaultMs : Number(limit.value);
};

interface Egress {
  readonly to?: readonly object[];
  readonly ports?: readonly { readonly protocol?: string; readonly port?: number | string }[];
}

/** To anybody, at any port. */
const isAnyTcp = ({ to = [], ports = [] }: Egress): boolean => {
  const isTcp = ports.some(
    ({ protocol = 'TCP', port }) => protocol === 'TCP' && port === undefined,
  );
  return to.length === 0 && (ports.length === 0 || isTcp);
};

const namesIn = ({ matchLabels, matchExpressions = [] }: Selector): readonly string[] => [
  ...Object.values(matchLabels ?? {}),
  ...matchExpressions.flatMap(({ values }) => values),
];

describe.each(overlays)('%s', (overlay) => {
  const objects = objectsOf(overlay);
  const pods = podsOf(objects);
  const rows = pods.map(({ owner, pod }) => [nameOf(owner), pod, owner] as const);

  it.each(rows)('%s has no rights that it does not need', (_name, pod) => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: expect.any(Number),
      seccompProfile: { type: 'RuntimeDefault' },
    });
    for (const container of pod.containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.image).toMatch(/^[a-z/-]+:\d+\.\d+\.\d+(-[a-z]+)?$/);
      expect(Object.keys(container.resources?.requests ?? {})).toEqual(['cpu', 'memory']);
      expect(container.resources?.limits?.memory).toBeDefined();
    }
  });

  it.each(rows)('%s has an account of its own, and a token only to use it', (_name, pod, owner) => {
    const account = pod.serviceAccountName;
    expect(account).toBe(owner.metadata.name);
    expect(objects.map(nameOf)).toContain(`ServiceAccount flyball-system/${account}`);
    const bound = objects.filter(
      ({ kind, subjects }) =>
        kind.endsWith('Binding') && JSON.stringify(subjects).includes(account),
    );
    expect(pod.automountServiceAccountToken).toBe(bound.length > 0);
  });

  it.each(rows.filter(([, , { kind }]) => kind !== 'Job'))('%s is seen', (_name, pod) => {
    for (const container of pod.containers) {
      expect(container.readinessProbe).toBeDefined();
      const ports = (container.ports ?? []).map(({ name }) => name);
      for (const probe of [container.startupProbe, container.livenessProbe]) {
        const port = (probe as { httpGet?: { port: string } } | undefined)?.httpGet?.port;
        if (port !== undefined) expect(ports).toContain(port);
      }
    }
  });

  it('the set-up runs once for each sync of Argo CD, and is there long enough to be seen', () => {
    const setUp = objects.find(
      ({ kind, metadata }) => kind === 'Job' && metadata.name === 'set-up',
    );
    expect(Reflect.get(setUp?.metadata ?? {}, 'annotations')).toEqual({
      'argocd.argoproj.io/hook': 'Sync',
      'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
    });
    expect(setUp?.spec?.ttlSecondsAfterFinished).toBeGreaterThanOrEqual(600);
  });

  it('the event log has a quarter of an hour to be read', () => {
    const probes = pods
      .filter(({ owner }) => owner.metadata.name === 'nats')
      .flatMap(({ pod }) => pod.containers.map(({ startupProbe }) => startupProbe));
    const limits = probes.map((probe) => {
      const { periodSeconds, failureThreshold } = probe as Record<string, number>;
      return Number(periodSeconds) * Number(failureThreshold);
    });
    expect(limits).toEqual([900]);
  });

  it.each(rows)('%s may end in order', (_name, pod) => {
    const graceMs = (pod.terminationGracePeriodSeconds ?? graceDefaultSeconds) * 1_000;
    expect(graceMs).toBeGreaterThan(drainMsOf(pod));
  });

  it('every service of several may lose one at a time, and is spread', () => {
    for (const { owner, pod } of pods) {
      if (owner.metadata.labels?.['flyball.dev/kind'] !== 'service') continue;
      const { name } = owner.metadata;
      expect(objects.map(nameOf)).toContain(`PodDisruptionBudget flyball-system/${name}`);
      expect(Reflect.get(pod, 'topologySpreadConstraints')).toHaveLength(1);
      const replicas = Number(owner.spec?.replicas);
      // Nothing waits for the console, and it keeps the traces that it was told.
      const isOneEnough = overlay !== 'production' || name === 'console';
      expect(replicas).toBeGreaterThanOrEqual(isOneEnough ? 1 : 2);
    }
  });

  it('a pod that is not ready is in no way of a drain, but for those of the event log', () => {
    const budgets = objects.filter(({ kind }) => kind === 'PodDisruptionBudget');
    const blocking = budgets.filter(({ spec }) => spec?.unhealthyPodEvictionPolicy === undefined);
    expect(blocking.map(({ metadata }) => metadata.name)).toEqual(['nats']);
    const evicting = budgets.filter((budget) => !blocking.includes(budget));
    expect(evicting.length).toBeGreaterThan(5);
    for (const { spec } of evicting) expect(spec?.unhealthyPodEvictionPolicy).toBe('AlwaysAllow');
  });

  it('network policies, Services and budgets speak of pods and ports that exist', () => {
    const labels = new Set(pods.map(({ owner }) => owner.metadata.name));
    const ports = new Set(
      pods
        .flatMap(({ pod }) => pod.containers.flatMap(({ ports: some = [] }) => some))
        .map((port) => port.name),
    );
    const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
    expect(policies.length).toBeGreaterThan(5);
    for (const { spec, kind } of objects) {
      const selectors = [spec?.podSelector, spec?.selector].filter((one) => one !== undefined);
      if (!['NetworkPolicy', 'PodDisruptionBudget', 'Service'].includes(kind)) continue;
      for (const one of selectors) {
        const selector = (kind === 'Service' ? { matchLabels: one } : one) as Selector;
        for (const name of namesIn(selector)) expect(labels).toContain(name);
      }
      const text = JSON.stringify(spec);
      const named = [...text.matchAll(/"(?:targetPort|port)":"([a-z-]+)"/g)].map(
        ([, name]) => name,
      );
      for (const name of named) expect(ports).toContain(name);
    }
  });

  it('whoever has a token may ask the API server, at whatever port a cluster has it', () => {
    const open = objects.filter(({ kind, spec }) => {
      const { egress = [] } = (spec ?? {}) as { readonly egress?: readonly Egress[] };
      return kind === 'NetworkPolicy' && egress.some(isAnyTcp);
    });
    const reaching = open.flatMap(({ spec }) => namesIn(spec?.podSelector as Selector));
    const asking = pods.filter(({ pod }) => pod.automountServiceAccountToken);
    expect(asking.length).toBeGreaterThan(3);
    for (const { owner } of asking) expect(reaching).toContain(owner.metadata.name);
  });

  it('holds no secret', () => {
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });
});
