/** Tools that put `spec.replicas` back to what a file says. Pure. */
import { advised, type Check, failed } from '../check.ts';
import type { ClusterObject, DeploymentObject, FieldsOwner } from './cluster-object.ts';
import { orPassed } from './findings.ts';
import type { Managed } from './managed-deployments.ts';

const part = 'owners of replicas';
const lastAppliedKey = 'kubectl.kubernetes.io/last-applied-configuration';

interface Tool {
  readonly name: string;
  /** Its field manager. */
  readonly manager: RegExp;
  /** A label or annotation that it leaves. */
  readonly marks: readonly string[];
  readonly mend: string;
}

const leaveOut = 'Leave spec.replicas out of';

const tools: readonly Tool[] = [
  {
    name: 'Argo CD',
    manager: /argo-?cd/i,
    marks: ['argocd.argoproj.io/tracking-id', 'argocd.argoproj.io/instance'],
    mend:
      `${leaveOut} its manifest; or in the Application: ignoreDifferences [{group: apps, kind: ` +
      'Deployment, jsonPointers: [/spec/replicas]}] with the sync option ' +
      'RespectIgnoreDifferences=true.',
  },
  {
    name: 'Flux',
    manager: /^(kustomize-controller|helm-controller|flux)/i,
    marks: ['kustomize.toolkit.fluxcd.io/name', 'helm.toolkit.fluxcd.io/name'],
    mend: `${leaveOut} the manifest, or of the values, that Flux applies.`,
  },
  {
    name: 'Helm',
    manager: /^helm$/i,
    marks: ['meta.helm.sh/release-name'],
    mend: `${leaveOut} the chart's template, as charts do where autoscaling is enabled.`,
  },
];

const someone: Tool = {
  name: '',
  manager: /(?!)/,
  marks: [],
  mend: `${leaveOut} what is applied: each time it sets the number again.`,
};

const ours = /^flyball-/;

const ownsReplicas = ({ fieldsV1 }: FieldsOwner): boolean => {
  const spec = (fieldsV1 as Record<string, unknown> | undefined)?.['f:spec'];
  return typeof spec === 'object' && spec !== null && 'f:replicas' in spec;
};

const markedTool = ({ metadata }: ClusterObject<unknown>): Tool | undefined =>
  tools.find(({ marks }) =>
    marks.some((mark) => (metadata.labels?.[mark] ?? metadata.annotations?.[mark]) !== undefined),
  );

/** Who owns the field and will write it again: a known tool, or whoever applies. */
const ownerOf = (deployment: DeploymentObject): { tool: Tool; manager: string } | undefined => {
  const owners = (deployment.metadata.managedFields ?? []).filter(ownsReplicas);
  for (const { manager = '', operation, subresource = '' } of owners) {
    if (ours.test(manager) || subresource !== '') continue;
    const tool = tools.find((one) => one.manager.test(manager));
    if (tool !== undefined) return { tool, manager };
    if (operation === 'Apply') return { tool: markedTool(deployment) ?? someone, manager };
  }
  return undefined;
};

const saysReplicas = ({ metadata }: DeploymentObject): boolean => {
  try {
    const applied: unknown = JSON.parse(metadata.annotations?.[lastAppliedKey] ?? '{}');
    return (applied as { spec?: { replicas?: unknown } }).spec?.replicas !== undefined;
  } catch {
    return false;
  }
};

const judge = ({ key, deployment }: Managed): Check[] => {
  const owner = ownerOf(deployment);
  if (owner !== undefined) {
    const { tool, manager } = owner;
    const who = tool.name === '' ? manager : `${tool.name} (${manager})`;
    return [failed(part, `${who} owns spec.replicas of Deployment ${key}`, tool.mend)];
  }
  if (!saysReplicas(deployment)) return [];
  const tool = markedTool(deployment);
  const who = tool === undefined ? 'Who applied' : `${tool.name}, which applied`;
  const found = `${who} Deployment ${key} last said spec.replicas, and would again`;
  return [advised(part, found, (tool ?? someone).mend)];
};

/** What is applied again and again puts the number back each time. */
export const checkReplicasOwners = (managed: readonly Managed[]): Check[] =>
  orPassed(managed.flatMap(judge), part, 'no tool puts spec.replicas back');
