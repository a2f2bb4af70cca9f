/** /validate: refuses settings that cannot be taken, with every complaint at once. */
import {
  type Annotations,
  type AutoscalerConfig,
  autoscalingPrefix,
  type Complaint,
  flyballPrefix,
  formatComplaint,
  hasErrors,
  isOptedIn,
  limitsAnnotated,
  parseConfigAutoscaler,
  settingsAnnotated,
  validateAnnotations,
} from '@flyball/knative';
import type { QueueProxySettings } from '@flyball/platform/kubernetes';
import { z } from 'zod';
import type { AdmissionRequest, Verdict } from '../admission/review.ts';
import { injectionWarnings } from './injection-warnings.ts';

const texts = z.record(z.string(), z.string()).nullish();
const metadata = z.looseObject({ annotations: texts });
const template = z.looseObject({ metadata: metadata.optional() });

const deploymentSchema = z.looseObject({
  metadata,
  spec: z.looseObject({ template }),
});

const configSchema = z.looseObject({ data: texts });

const limits = z.looseObject({ containerConcurrency: z.int().min(0).optional() });
const serviceSchema = z.looseObject({
  metadata,
  spec: z.looseObject({ template: template.extend({ spec: limits.optional() }).optional() }),
});

/** What is judged of an object: its settings, and the limit that its spec has. */
interface Settings {
  readonly annotations: Annotations;
  readonly containerConcurrency: number;
}

const nothing: Settings = { annotations: {}, containerConcurrency: 0 };

const ofDeployment = (object: unknown): Settings => {
  const read = deploymentSchema.safeParse(object);
  if (!read.success) return nothing;
  const { metadata: own, spec } = read.data;
  const annotations = settingsAnnotated(
    own.annotations ?? {},
    spec.template.metadata?.annotations ?? {},
  );
  const { containerConcurrency } = limitsAnnotated(annotations);
  return { annotations, containerConcurrency };
};

const ofService = (object: unknown): Settings => {
  const read = serviceSchema.safeParse(object);
  if (!read.success) return nothing;
  const { template: revision } = read.data.spec;
  const annotations = settingsAnnotated({}, revision?.metadata?.annotations ?? {});
  return { annotations, containerConcurrency: revision?.spec?.containerConcurrency ?? 0 };
};

/** What the controller writes down on the Deployments of its revisions, for itself and others. */
const marks: ReadonlySet<string> = new Set(
  ['reachable', 'template-hash', 'pod-hash'].map((name) => `${flyballPrefix}${name}`),
);
const queueProxyMark = `${flyballPrefix}queue-proxy`;

/** Of the queue-proxy it says yes or no; anything else is somebody's mistake. */
const isMark = ([key, text]: readonly [string, string]): boolean =>
  marks.has(key) || (key === queueProxyMark && (text === 'true' || text === 'false'));

const same = (one: Settings, other: Settings): boolean =>
  JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

const sorted = ({ annotations, containerConcurrency }: Settings) => [
  containerConcurrency,
  Object.entries(annotations)
    .filter((annotation) => !isMark(annotation))
    .sort(([left], [right]) => (left < right ? -1 : 1)),
];

/** Somebody wrote settings for Flyball, not for a Knative that runs here as well. */
const isOurs = (annotations: Annotations): boolean =>
  isOptedIn(annotations) || Object.keys(annotations).some((key) => key.startsWith(flyballPrefix));

/** kubectl puts `Warning: ` before each. */
const warningOf = (complaint: Complaint): string =>
  formatComplaint(complaint).replace(/^warning: /, '');

const verdictOf = (complaints: readonly Complaint[], mayRefuse: boolean): Verdict => {
  const texts = complaints.map(warningOf);
  if (!mayRefuse || !hasErrors(complaints)) return { allowed: true, warnings: texts };
  const errors = complaints.filter(({ severity }) => severity === 'error').map(formatComplaint);
  const others = complaints.filter(({ severity }) => severity !== 'error').map(warningOf);
  return { allowed: false, message: errors.join('\n'), warnings: others };
};

/** What has not changed is not judged again: a Deployment must scale whatever it once was told. */
const judge = (now: Settings, before: Settings | undefined, config: AutoscalerConfig): Verdict => {
  if (before !== undefined && same(now, before)) return { allowed: true };
  const { annotations, containerConcurrency } = now;
  const complaints = validateAnnotations(annotations, { config, containerConcurrency });
  return verdictOf(complaints, isOurs(annotations));
};

const judgeConfig = (object: unknown): Verdict => {
  const read = configSchema.safeParse(object);
  if (!read.success) return { allowed: true };
  return verdictOf(parseConfigAutoscaler(read.data.data ?? {}).complaints, true);
};

export interface SettingsJudgeParts {
  readonly readConfig: () => Promise<AutoscalerConfig>;
  readonly queueProxy: QueueProxySettings;
}

const withWarnings = (verdict: Verdict, more: readonly string[]): Verdict =>
  more.length === 0 ? verdict : { ...verdict, warnings: [...(verdict.warnings ?? []), ...more] };

/** Judges a Deployment, a Knative Service or a ConfigMap; others are let through. */
export const judgeSettings = async (
  { kind, object, oldObject, operation }: AdmissionRequest,
  { readConfig, queueProxy }: SettingsJudgeParts,
): Promise<Verdict> => {
  const isUpdate = operation === 'UPDATE';
  const settingsOf = new Map([
    ['apps/Deployment', ofDeployment],
    ['serving.knative.dev/Service', ofService],
  ]).get(`${kind.group}/${kind.kind}`);
  if (kind.kind === 'ConfigMap') {
    const isChanged = JSON.stringify(object) !== JSON.stringify(oldObject);
    return isChanged ? judgeConfig(object) : { allowed: true };
  }
  if (settingsOf === undefined) return { allowed: true };
  const now = settingsOf(object);
  const mine = Object.keys(now.annotations).some(
    (key) => key.startsWith(autoscalingPrefix) || key.startsWith(flyballPrefix),
  );
  if (!mine) return { allowed: true };
  const verdict = judge(now, isUpdate ? settingsOf(oldObject) : undefined, await readConfig());
  const isDeployment = settingsOf === ofDeployment;
  return withWarnings(verdict, isDeployment ? injectionWarnings(object, queueProxy) : []);
};
