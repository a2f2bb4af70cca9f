/** Objects of other autoscalers → what each becomes; the others are what they are about. */
import { type ForeignObject, nameOf, type Surroundings, surroundingsOf } from './foreign-object.ts';
import { hpaVersions } from './hpa-spec.ts';
import { flyballKey } from './settled-annotations.ts';
import { isMadeForAnother, translateHpa } from './translate-hpa.ts';
import { translateHttpScaledObject } from './translate-http-scaled-object.ts';
import { translateKnativeService } from './translate-knative-service.ts';
import { refusal, shownName, type Translation } from './translation.ts';

const groupOf = (apiVersion: string): string => apiVersion.split('/')[0] ?? '';

const knativeGroup = 'serving.knative.dev';
const kedaHttpVersion = 'http.keda.sh/v1alpha1';

/** Kinds that scale and are not translated, with the reason. */
const untranslated: readonly (readonly [string, string, string])[] = [
  [
    'keda.sh',
    'ScaledObject',
    'Its triggers are not requests: leave this Deployment to KEDA, or scale it by its requests ' +
      'and take the object away.',
  ],
  [
    'http.keda.sh',
    'InterceptorRoute',
    'It says how requests are routed; what scales is its ScaledObject. Import the ' +
      'HTTPScaledObject, or annotate the Deployment by hand.',
  ],
  ['http.keda.sh', 'HTTPScaledObject', `Only ${kedaHttpVersion} can be read.`],
  ['autoscaling', 'HorizontalPodAutoscaler', `Only ${hpaVersions.join(' and ')} can be read.`],
  [
    'autoscaling.k8s.io',
    'VerticalPodAutoscaler',
    'Flyball never resizes pods: it may stay, unless both go by the same processor or memory.',
  ],
];

const isKnativeService = ({ apiVersion, kind }: ForeignObject): boolean =>
  kind === 'Service' && groupOf(apiVersion) === knativeGroup;

/** Then the Service of its name is ours: there is nothing to bring over. */
const isServedByFlyball = ({ metadata }: ForeignObject, { services }: Surroundings): boolean => {
  const service = services.get(`${metadata.namespace}/${metadata.name}`);
  return service?.metadata.annotations?.[flyballKey('deployment')] !== undefined;
};

const isHpa = ({ apiVersion, kind }: ForeignObject): boolean =>
  kind === 'HorizontalPodAutoscaler' && (hpaVersions as readonly string[]).includes(apiVersion);

const translateOne = (object: ForeignObject, around: Surroundings): Translation | undefined => {
  const { apiVersion, kind } = object;
  if (isKnativeService(object)) {
    return isServedByFlyball(object, around) ? undefined : translateKnativeService(object);
  }
  if (isHpa(object)) return isMadeForAnother(object) ? undefined : translateHpa(object, around);
  if (kind === 'HTTPScaledObject' && apiVersion === kedaHttpVersion) {
    return translateHttpScaledObject(object, around);
  }
  const known = untranslated.find(
    ([group, name]) => name === kind && group === groupOf(apiVersion),
  );
  return known === undefined ? undefined : refusal(nameOf(object), known[2]);
};

/** Two objects about one Deployment would give it two settings: the first one holds. */
const refuseSecond = (translations: readonly Translation[]): Translation[] => {
  const first = new Map<string, Translation>();
  return translations.map((translation) => {
    const { workload, from } = translation;
    if (workload === null) return translation;
    const earlier = first.get(workload);
    if (earlier === undefined) {
      first.set(workload, translation);
      return translation;
    }
    const why = `${workload} is translated already, from ${shownName(earlier.from)}.`;
    return refusal(from, `${why} Decide for one of the two.`);
  });
};

/** What becomes of each object that scales; Deployments and Services make it more exact. */
export const translate = (objects: readonly ForeignObject[]): Translation[] => {
  const around = surroundingsOf(objects);
  return refuseSecond(objects.flatMap((object) => translateOne(object, around) ?? []));
};
