/** Whether the kinds of Knative Services are there and ours; makes them where that is wanted. */
import { OutsideError } from '@flyball/contracts';
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import { type Life, retryOutside } from '@flyball/service';
import type { ControllerConfig } from '../../config.ts';
import type { ClusterObject, TextMap } from '../../objects/cluster-object.ts';
import { controllerFieldManager } from '../../objects/object-writer.ts';
import { openCache } from '../../objects/open-cache.ts';
import { servedLabel } from './custom-resource.ts';
import { customResources } from './kinds.ts';

const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const names: ReadonlySet<string> = new Set(customResources.map(({ metadata }) => metadata.name));
const [[label, value] = ['', '']] = Object.entries(servedLabel);

/** The kinds of ours by name, and whether they are marked as ours. */
type Seen = ReadonlyMap<string, boolean>;

export type KindsVerdict =
  | { readonly kind: 'ours' }
  | { readonly kind: 'foreign'; readonly names: readonly string[] }
  | { readonly kind: 'missing'; readonly names: readonly string[] };

/** Somebody else's kinds are theirs altogether, even where some of them are missing. */
export const judgeKinds = (seen: Seen): KindsVerdict => {
  const foreign = [...seen].filter(([, isOurs]) => !isOurs).map(([name]) => name);
  if (foreign.length > 0) return { kind: 'foreign', names: foreign };
  const missing = [...names].filter((name) => !seen.has(name));
  return missing.length > 0 ? { kind: 'missing', names: missing } : { kind: 'ours' };
};

const install = async (access: ClusterAccess, missing: readonly string[]): Promise<void> => {
  for (const resource of customResources) {
    if (!missing.includes(resource.metadata.name)) continue;
    const create = `${path}?fieldManager=${controllerFieldManager}`;
    try {
      await access.request({ method: 'POST', path: create, body: resource });
    } catch (error) {
      // Another replica was faster.
      const isThere = error instanceof OutsideError && error.code === 'PLATFORM_CONFLICT';
      if (!isThere) throw error;
    }
  }
};

export interface ServedKindsParts {
  readonly access: ClusterAccess;
  readonly config: Pick<ControllerConfig, 'knativeServices'>;
  readonly life: Life;
}

const createKindsCache = (access: ClusterAccess) =>
  openCache<ClusterObject, { name: string; labels: TextMap }>(
    access,
    {
      path,
      of: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
      clusterScoped: true,
      metadataOnly: true,
    },
    ({ metadata: { name, labels = {} } }) => (names.has(name) ? { name, labels } : undefined),
  );

/** Acts on what is there, once for each change of it; what comes meanwhile is looked at after. */
const createJudge = (
  { access, config, life }: ServedKindsParts,
  { look, onServed }: { look: () => Seen | undefined; onServed: () => void },
): (() => void) => {
  const { logger, clock } = life;
  let last = '';
  let isInstalling = false;
  const installMissing = async (missing: readonly string[], signal: AbortSignal): Promise<void> => {
    isInstalling = true;
    const onRetry = (err: OutsideError, _attempt: number, pauseMs: number): void =>
      logger.warn({ err, pauseMs }, 'the kinds of Knative Services are not installed yet');
    try {
      await retryOutside(() => install(access, missing), { clock, signal, onRetry });
      logger.info({ kinds: missing }, 'the kinds of Knative Services were installed');
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error;
      logger.error({ err: error }, 'the kinds of Knative Services could not be installed');
    } finally {
      isInstalling = false;
    }
    judge();
  };
  const judge = (): void => {
    const seen = look();
    if (seen === undefined || isInstalling) return;
    const verdict = judgeKinds(seen);
    const said = JSON.stringify(verdict);
    if (said === last) return;
    last = said;
    if (verdict.kind === 'ours') onServed();
    else if (verdict.kind === 'foreign') {
      const kinds = verdict.names;
      logger.warn({ kinds }, "Knative's own kinds are there: Knative Services are left alone");
    } else if (config.knativeServices === 'install') {
      life.run('kinds', (signal) => installMissing(verdict.names, signal));
    } else logger.info({ kinds: verdict.names }, 'there are no kinds of Knative Services');
  };
  return judge;
};

/** Resolves with true once the kinds are there and ours; with false when the life ends before. */
export const servedKinds = (parts: ServedKindsParts): Promise<boolean> => {
  const { access, config, life } = parts;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  life.signal.addEventListener('abort', () => resolve(false), { once: true });
  if (config.knativeServices === 'off') return promise;
  const cache = createKindsCache(access);
  const look = (): Seen | undefined =>
    cache.isSynced()
      ? new Map([...cache.values()].map(({ name, labels }) => [name, labels[label] === value]))
      : undefined;
  cache.onChange(createJudge(parts, { look, onServed: () => resolve(true) }));
  life.run('kinds', (signal) => cache.follow(signal));
  return promise;
};
