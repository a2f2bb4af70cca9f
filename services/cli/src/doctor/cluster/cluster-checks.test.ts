/** What would fight Flyball on a cluster, and what only looks like it. */
import { describe, expect, it } from 'vitest';
import { checkAutoscalers } from './autoscaler-checks.ts';
import type {
  ClusterObject,
  ClusterSight,
  DeploymentObject,
  FieldsOwner,
  ServiceSpec,
} from './cluster-object.ts';
import { findInstallation } from './find-installation.ts';
import { type Managed, managedDeployments } from './managed-deployments.ts';
import { checkMetrics } from './metrics-checks.ts';
import { checkReplicasOwners } from './replicas-owner-checks.ts';
import { rightsIn } from './rights.ts';
import { checkServices } from './service-checks.ts';

const nothing: ClusterSight = {
  ...{ deployments: [], namespaces: [], services: [], endpointSlices: [] },
  ...{ autoscalers: [], scaledObjects: [], httpScaledObjects: [], apiGroups: [] },
};

const named = (name: string, more: Record<string, unknown> = {}) => ({
  metadata: { name, namespace: 'shop', ...more },
});

const deployment = (
  annotations: Record<string, string> = { 'flyball.dev/enabled': 'true' },
  more: Record<string, unknown> = {},
): DeploymentObject => ({
  ...named('web', { annotations, ...more }),
  spec: { template: { metadata: { labels: { app: 'web', tier: 'front' } } } },
});

const managed = (...deployments: DeploymentObject[]): Managed[] =>
  managedDeployments({ ...nothing, deployments }, undefined);

const web = managed(deployment());
const hpaAnnotations = {
  'flyball.dev/enabled': 'true',
  'autoscaling.knative.dev/class': 'hpa.autoscaling.knative.dev',
};

describe('the Deployments that Flyball scales', () => {
  it('are those that say so, and no others', () => {
    expect(web.map(({ key }) => key)).toEqual(['shop/web']);
    expect(managed(deployment({}))).toEqual([]);
    expect(managed(deployment({ 'flyball.dev/enabled': 'false' }))).toEqual([]);
  });

  it('are those of a namespace that says so, and of a wide installation', () => {
    const deployments = [deployment({})];
    const namespaces = [{ metadata: { name: 'shop', labels: { 'flyball.dev/enabled': 'true' } } }];
    expect(managedDeployments({ deployments, namespaces }, undefined)).toHaveLength(1);
    const installation = {
      ...({ namespace: 'flyball-system', services: [], unavailable: [], optIn: 'all' } as const),
    };
    expect(managedDeployments({ deployments, namespaces: [] }, installation)).toHaveLength(1);
  });
});

it('an installation is known by its watcher', () => {
  const labels = { 'app.kubernetes.io/part-of': 'flyball', 'flyball.dev/kind': 'service' };
  const env = [{ name: 'FLYBALL_OPT_IN', value: 'all' }];
  const watcher = {
    metadata: { name: 'watcher', namespace: 'fly', labels },
    spec: { template: { spec: { containers: [{ env }] } } },
    status: { availableReplicas: 2 },
  };
  const decider = { metadata: { name: 'decider', namespace: 'fly', labels } };
  expect(findInstallation([watcher, decider, deployment()])).toEqual({
    ...{ namespace: 'fly', services: ['watcher', 'decider'], optIn: 'all' },
    unavailable: ['decider'],
  });
  expect(findInstallation([decider])).toBeUndefined();
});

describe('other autoscalers', () => {
  const target = (name: string, kind = 'Deployment') => ({
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind, name } },
  });
  const hpa = (more: Record<string, unknown> = {}) => ({ ...named('h', more), ...target('web') });
  const check = (sight: Partial<ClusterSight>) => checkAutoscalers({ ...nothing, ...sight }, web);

  it.each([
    ['HorizontalPodAutoscaler', { autoscalers: [hpa()] }],
    ['ScaledObject', { scaledObjects: [hpa()] }],
    ['HTTPScaledObject', { httpScaledObjects: [hpa()] }],
  ])('a %s fights', (kind, sight) => {
    const [finding, ...others] = check(sight);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ ok: false, needed: true });
    expect(finding?.found).toBe(`${kind} shop/h scales Deployment shop/web, and so does Flyball`);
    expect(finding?.mend).toContain(kind === 'ScaledObject' ? 'paused' : 'flyball import');
  });

  it.each<readonly [string, Partial<ClusterSight>]>([
    ['of another Deployment', { autoscalers: [{ ...named('h'), ...target('api') }] }],
    ['of a StatefulSet', { autoscalers: [{ ...named('h'), ...target('web', 'StatefulSet') }] }],
    [
      'that Flyball made',
      { autoscalers: [hpa({ labels: { 'app.kubernetes.io/managed-by': 'flyball.dev' } })] },
    ],
    [
      'that KEDA made, whose ScaledObject is told',
      { autoscalers: [hpa({ ownerReferences: [{ kind: 'ScaledObject', name: 'x' }] })] },
    ],
    [
      'that is paused',
      { scaledObjects: [hpa({ annotations: { 'autoscaling.keda.sh/paused': 'true' } })] },
    ],
  ])('one %s does not', (_, sight) => {
    expect(check(sight)).toMatchObject([{ ok: true }]);
  });

  it('by the hundred are counted', () => {
    const autoscalers = Array.from({ length: 100 }, () => hpa());
    const findings = check({ autoscalers });
    expect(findings).toHaveLength(11);
    expect(findings.at(-1)?.found).toBe('and 90 more of these');
  });
});

describe('owners of replicas', () => {
  const fieldsV1 = { 'f:spec': { 'f:replicas': {} } };
  const owned = (owner: FieldsOwner, more: Record<string, string> = {}) =>
    checkReplicasOwners(
      managed(deployment({ 'flyball.dev/enabled': 'true', ...more }, { managedFields: [owner] })),
    );

  it.each([
    ['Argo CD', 'argocd-controller', 'Update', 'ignoreDifferences'],
    ['Flux', 'kustomize-controller', 'Apply', 'Flux applies'],
    ['Helm', 'helm', 'Update', 'chart'],
    ['deployer', 'deployer', 'Apply', 'what is applied'],
  ])('%s fights, and how it stops is said', (who, manager, operation, mend) => {
    const [finding] = owned({ manager, operation, fieldsV1 });
    expect(finding).toMatchObject({ ok: false, needed: true });
    expect(finding?.found).toContain(who);
    expect(finding?.mend).toContain(mend);
  });

  it.each([
    [{ manager: 'flyball-actuator', operation: 'Update', subresource: 'scale', fieldsV1 }],
    [{ manager: 'kubectl-create', operation: 'Update', fieldsV1 }],
    [{ manager: 'argocd-controller', operation: 'Update', fieldsV1: { 'f:spec': {} } }],
    [{ manager: 'argocd-controller', operation: 'Update' }],
  ])('%j does not', (owner) => {
    expect(owned(owner)).toMatchObject([{ ok: true }]);
  });

  it.each([
    [{ 'meta.helm.sh/release-name': 'web' }, 'Helm'],
    [{}, 'Who applied'],
  ])('a file that says replicas is good to know: %j', (marks, who) => {
    const key = 'kubectl.kubernetes.io/last-applied-configuration';
    const [finding] = owned({}, { ...marks, [key]: '{"spec":{"replicas":2}}' });
    expect(finding).toMatchObject({ ok: false, needed: false });
    expect(finding?.found).toContain(who);
    expect(owned({}, { [key]: '{"spec":{}}' })).toMatchObject([{ ok: true }]);
    expect(owned({}, { [key]: 'no JSON' })).toMatchObject([{ ok: true }]);
  });
});

describe('Services', () => {
  const own = { 'flyball.dev/deployment': 'web' };
  const service = (
    name: string,
    spec: ServiceSpec,
    more: Record<string, unknown> = {},
  ): ClusterObject<ServiceSpec> => ({
    ...named(name, more),
    spec: { ports: [{}], ...spec },
  });
  const check = (sight: Partial<ClusterSight>) =>
    checkServices({ ...nothing, deployments: [deployment()], ...sight }, web);

  it('one with a selector leads past the activator', () => {
    const [finding] = check({ services: [service('s', { selector: { app: 'web' } })] });
    expect(finding).toMatchObject({ ok: false, needed: false });
    expect(finding?.mend).toContain('"selector":null');
  });

  it.each([
    ['of other pods', service('s', { selector: { app: 'api' } })],
    ['without a selector', service('s', {})],
    [
      'that the controller keeps',
      service(
        's',
        { selector: { app: 'web' } },
        {
          labels: { 'app.kubernetes.io/managed-by': 'flyball.dev' },
        },
      ),
    ],
    ['that is public', service('s', {}, { annotations: own })],
  ])('one %s does not', (_, one) => {
    expect(check({ services: [one] })).toMatchObject([{ ok: true }]);
  });

  it('a public one with a selector cannot be led', () => {
    const both = service('s', { selector: { app: 'web' } }, { annotations: own });
    expect(check({ services: [both] })).toMatchObject([{ ok: false, needed: true }]);
  });

  it('a public one of a Deployment that is not there, or not ours, is told', () => {
    const other = service('s', {}, { annotations: { 'flyball.dev/deployment': 'gone' } });
    expect(check({ services: [other] })[0]?.found).toContain('which is not there');
    const left = {
      deployments: [deployment({})],
      services: [service('s', {}, { annotations: own })],
    };
    expect(checkServices({ ...nothing, ...left }, [])[0]?.found).toContain("not Flyball's");
  });

  it('EndpointSlices that stayed lead past the activator', () => {
    const label = 'endpointslice.kubernetes.io/managed-by';
    const slice = (by: string) =>
      named(`slice-${by}`, { labels: { 'kubernetes.io/service-name': 's', [label]: by } });
    const services = [service('s', {}, { annotations: own })];
    const endpointSlices = [slice('flyball.dev'), slice('endpointslice-controller.k8s.io')];
    const [finding] = check({ services, endpointSlices });
    expect(finding).toMatchObject({ ok: false, needed: true });
    expect(finding?.found).toMatch(/activator: slice-endpointslice-controller.k8s.io$/);
    expect(check({ services, endpointSlices: endpointSlices.slice(0, 1) })).toMatchObject([
      { ok: true },
    ]);
  });
});

describe('the metrics API', () => {
  const hpaOf = (metric: Record<string, string> = {}) =>
    managed(deployment({ ...hpaAnnotations, ...metric }));

  it('is missed by class hpa only', () => {
    expect(checkMetrics({ apiGroups: [] }, web)).toEqual([]);
    expect(checkMetrics({ apiGroups: [] }, hpaOf())).toMatchObject([{ ok: false, needed: false }]);
    expect(checkMetrics({ apiGroups: ['metrics.k8s.io'] }, hpaOf())).toMatchObject([{ ok: true }]);
  });

  it('of a custom metric is another one', () => {
    const jobs = hpaOf({ 'autoscaling.knative.dev/metric': 'jobs' });
    const [finding] = checkMetrics({ apiGroups: ['metrics.k8s.io'] }, jobs);
    expect(finding?.found).toContain('custom.metrics.k8s.io is not there');
  });
});

it('rights are those that bindings give to service accounts', () => {
  const role = { kind: 'ClusterRole', metadata: { name: 'r' } };
  const rules = [
    { apiGroups: ['apps'], resources: ['deployments', 'deployments/scale'], verbs: ['get'] },
  ];
  const named = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames: ['x'] }];
  const binding = {
    kind: 'ClusterRoleBinding',
    metadata: { name: 'b' },
    roleRef: { kind: 'ClusterRole', name: 'r' },
    subjects: [{ kind: 'ServiceAccount', name: 'actuator', namespace: 'fly' }],
  };
  const user = 'system:serviceaccount:fly:actuator';
  expect(rightsIn([{ ...role, rules: [...rules, ...named] }, binding, binding])).toEqual([
    { user, namespace: '', group: 'apps', resource: 'deployments', verb: 'get' },
    { user, namespace: '', group: 'apps', resource: 'deployments/scale', verb: 'get' },
  ]);
  expect(rightsIn([role, { kind: 'Service' }, 'text'])).toEqual([]);
});
