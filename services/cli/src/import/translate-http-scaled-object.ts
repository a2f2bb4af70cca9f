/** An HTTPScaledObject of KEDA's HTTP add-on → a Deployment and its public Service. */
import {
  type ForeignObject,
  nameOf,
  type Surroundings,
  shapeFault,
  templateAnnotations,
} from './foreign-object.ts';
import { httpScaledObjectLosses, isWholeHost } from './http-scaled-object-losses.ts';
import { httpScaledObjectScale } from './http-scaled-object-scale.ts';
import { type HttpScaledObjectSpec, httpScaledObjectSpec } from './http-scaled-object-spec.ts';
import { publicServiceSteps } from './public-service.ts';
import { settle } from './settled-annotations.ts';
import { shadowedNotes } from './shadowed.ts';
import {
  deploymentName,
  type ObjectName,
  refusal,
  type Step,
  type Translation,
} from './translation.ts';

const pausedKey = 'autoscaling.keda.sh/paused';

const catchAll =
  'It names no host: the add-on then takes every request to it. Flyball knows the Service by its ' +
  'own names; let the ingress lead everything else to it.';

/** The Deployment that it scales, or why there is none. */
const targetOf = ({ scaleTargetRef }: HttpScaledObjectSpec): { name: string } | string => {
  const { name, kind, apiVersion } = scaleTargetRef;
  if (name === null || name === undefined || name === '') {
    return 'It names no Deployment in spec.scaleTargetRef.name.';
  }
  const isDeployment =
    (kind ?? 'Deployment') === 'Deployment' && (apiVersion ?? 'apps/v1').startsWith('apps/');
  if (isDeployment) return { name };
  const what = `${kind} ${name} (${apiVersion ?? 'apps/v1'})`;
  return `It scales ${what}; Flyball scales Deployments of apps/v1.`;
};

const pathSteps = (
  { hosts, scaleTargetRef }: HttpScaledObjectSpec,
  deployment: ObjectName,
  around: Surroundings,
): Step[] => {
  const { service } = scaleTargetRef;
  if (service === null || service === undefined || service === '') return [];
  const { namespace, name } = deployment;
  const exact = (hosts ?? []).filter(isWholeHost);
  const given = { namespace, service, deployment: name, hosts: exact };
  return publicServiceSteps(given, around);
};

const stepsOf = (
  from: ObjectName,
  { deployment, annotations }: { deployment: ObjectName; annotations: Record<string, string> },
  path: readonly Step[],
): Step[] => [
  {
    action: 'patch',
    object: from,
    patch: { metadata: { annotations: { [pausedKey]: 'true' } } },
    why: 'KEDA pauses: two that write the replicas would fight. They stay as they are meanwhile.',
  },
  {
    action: 'patch',
    object: deployment,
    patch: { metadata: { annotations } },
    why: 'Give the Deployment its settings; no pod is started anew.',
  },
  ...path,
  {
    action: 'by-hand',
    why:
      'Let the ingress lead to this Service instead of the interceptor of the add-on, and see ' +
      'that requests are answered.',
  },
  {
    action: 'delete',
    object: from,
    why: 'The add-on is no longer in the path: its objects go with this one.',
  },
];

/** What an HTTPScaledObject becomes. */
export const translateHttpScaledObject = (
  object: ForeignObject,
  around: Surroundings,
): Translation => {
  const from = nameOf(object);
  const read = httpScaledObjectSpec.safeParse(object.spec);
  if (!read.success) return refusal(from, `It cannot be read: ${shapeFault(read.error)}.`);
  const spec = read.data;
  const target = targetOf(spec);
  if (typeof target === 'string') return refusal(from, target);
  const scale = httpScaledObjectScale(spec);
  const settled = settle(scale.annotations);
  const workload = `${from.namespace}/${target.name}`;
  const deployment = deploymentName(from.namespace, target.name);
  const { annotations } = settled;
  return {
    from,
    workload,
    refused: null,
    annotations,
    losses: [...httpScaledObjectLosses(spec), ...scale.losses, ...settled.losses],
    notes: [
      ...settled.notes,
      ...((spec.hosts ?? []).length === 0 ? [catchAll] : []),
      ...shadowedNotes(annotations, templateAnnotations(around.deployments.get(workload))),
    ],
    steps: stepsOf(from, { deployment, annotations }, pathSteps(spec, deployment, around)),
  };
};
