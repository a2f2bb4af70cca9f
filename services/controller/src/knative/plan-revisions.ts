/** Which revisions a Knative Service has and needs, which of them is reached, and which may go. */
import { type AutoscalerConfig, resolvePolicy } from '@flyball/knative';
import { type Deployment, isOwnedBy } from '../objects/cluster-object.ts';
import { shortHash } from '../objects/json-values.ts';
import type { SoundService } from './judge-service.ts';
import type { KnativeService } from './knative-service.ts';
import { autoscalerOf, type Observed, type ServingSettings } from './observed.ts';
import { settingsInForce } from './pod-autoscaler.ts';
import { type RevisionOf, requiredReady, revisionDeployment } from './revision-deployment.ts';
import {
  numberFor,
  progressOf,
  type Revision,
  type RevisionProgress,
  revisionsAmong,
} from './revisions.ts';
import { mark, revisionName } from './serving-names.ts';
import { type TrafficPlan, targetAmong, trafficPlanOf } from './traffic.ts';

export interface RevisionPlan {
  /** Those that are there, the oldest first, and last the one that is to be made. */
  readonly revisions: readonly Revision[];
  /** Of the template as it is now; undefined where it is refused and there was none before. */
  readonly latest: Revision | undefined;
  /** The Deployment of the latest one as it would be made now; undefined: refused. */
  readonly made: Deployment | undefined;
  readonly latestProgress: RevisionProgress;
  readonly latestReady: Revision | undefined;
  /** The names of those that are ready, or were ready once. */
  readonly ready: ReadonlySet<string>;
  readonly traffic: TrafficPlan;
  /** Where requests go. */
  readonly target: Revision | undefined;
  /** Too many that nobody needs. */
  readonly unwanted: readonly Revision[];
}

/** As its PodAutoscaler says, which its Deployment follows. */
const policyOf = (
  revision: Revision,
  { observed, config }: { observed: Observed; config: AutoscalerConfig },
) => {
  const autoscaler = autoscalerOf(revision, observed);
  const annotations = settingsInForce(revision.deployment, autoscaler, config);
  return resolvePolicy({ config, annotations }).policy;
};

const revisionToMake = (
  owner: KnativeService,
  { template, manifest }: SoundService,
  templateHash: string,
  { number, settings }: { number: number; settings: ServingSettings },
): RevisionOf => {
  const { config } = settings;
  const { containerConcurrency, timeoutSeconds, annotations } = manifest;
  const limits = { containerConcurrency, timeoutSeconds };
  return {
    owner,
    service: owner.metadata.name,
    revision: revisionName(owner.metadata.name, number),
    ...{ number, template, manifest, templateHash },
    policy: resolvePolicy({ config, annotations, ...limits }).policy,
    withQueueProxy: settings.withQueueProxy,
  };
};

/** Was it ready before, by the word of a status? */
const wasReady = (revision: Revision, service: KnativeService, observed: Observed): boolean => {
  if (service.status?.latestReadyRevisionName === revision.name) return true;
  const conditions = autoscalerOf(revision, observed)?.status?.conditions ?? [];
  return conditions.some(
    ({ type, status }) => type === 'ScaleTargetInitialized' && status === 'True',
  );
};

const progressAmong = (
  service: KnativeService,
  observed: Observed,
  config: AutoscalerConfig,
): ((revision: Revision) => RevisionProgress) => {
  return (revision) =>
    progressOf(revision, {
      required: requiredReady(policyOf(revision, { observed, config })),
      readyOnce: wasReady(revision, service, observed),
      trouble: observed.troubleOf(revision.name),
    });
};

/** The oldest of those that are neither newest nor ready nor reached, beyond the kept ones. */
const tooMany = (
  revisions: readonly Revision[],
  needed: readonly (Revision | undefined)[],
  kept: number,
): readonly Revision[] => {
  const superseded = revisions.filter((revision) => !needed.includes(revision));
  return superseded.slice(0, Math.max(0, superseded.length - kept));
};

interface Latest {
  readonly revisions: readonly Revision[];
  readonly latest: Revision | undefined;
  readonly made: Deployment | undefined;
}

const withLatest = (
  service: KnativeService,
  verdict: SoundService | undefined,
  there: readonly Revision[],
  settings: ServingSettings,
): Latest => {
  if (verdict === undefined) return { revisions: there, latest: there.at(-1), made: undefined };
  const templateHash = shortHash(verdict.template);
  const number = numberFor(templateHash, there, service);
  const made = revisionDeployment(
    revisionToMake(service, verdict, templateHash, { number, settings }),
  );
  const existing = there.find((revision) => revision.number === number);
  if (existing !== undefined) return { revisions: there, latest: existing, made };
  const name = revisionName(service.metadata.name, number);
  const latest = { number, name, deployment: made };
  return { revisions: [...there, latest], latest, made };
};

/** Undefined verdict: what is there goes on as it is, and nothing new is made. Pure. */
export const planRevisions = (
  service: KnativeService,
  verdict: SoundService | undefined,
  { observed, settings }: { observed: Observed; settings: ServingSettings },
): RevisionPlan => {
  const owned = observed.deployments.filter((one) => isOwnedBy(one, service.metadata.uid));
  const { revisions, latest, made } = withLatest(service, verdict, revisionsAmong(owned), settings);
  const progress = progressAmong(service, observed, settings.config);
  const readyOnes = revisions.filter((revision) => progress(revision).phase === 'ready');
  const latestReady = readyOnes.at(-1);
  const traffic = trafficPlanOf(service);
  const publicService = observed.find('Service', service.metadata.name);
  const reached = publicService?.metadata.annotations?.[mark.deployment];
  const now = revisions.find(({ deployment }) => deployment.metadata.name === reached)?.name;
  const target = targetAmong(revisions, {
    plan: traffic,
    ...(latestReady === undefined ? {} : { latestReady: latestReady.name }),
    ...(now === undefined ? {} : { now }),
  });
  return {
    ...{ revisions, latest, made, latestReady, traffic, target },
    ready: new Set(readyOnes.map(({ name }) => name)),
    latestProgress:
      latest === undefined ? { phase: 'deploying', message: 'There is none.' } : progress(latest),
    unwanted: tooMany(revisions, [latest, latestReady, target], settings.revisionsKept),
  };
};
