/** Does the steps of translations on a cluster, in order, as far as nobody has to judge. */
import { isGone } from '@flyball/platform';
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import { collectionPath, objectPath, resourceOf } from '../cluster/resources.ts';
import type { Step, Translation } from './translation.ts';

/** Named in managedFields: who set it. */
const fieldManager = 'flyball-import';

type Doable = Exclude<Step, { action: 'by-hand' }>;

const doStep = async (cluster: Pick<ClusterAccess, 'request'>, step: Doable): Promise<void> => {
  const { apiVersion, kind, namespace, name } = step.object;
  const resource = resourceOf(apiVersion, kind);
  if (resource === undefined) throw new Error(`no resource is known for ${apiVersion} ${kind}`);
  const path = objectPath(resource, namespace, name);
  switch (step.action) {
    case 'patch': {
      const query = `?fieldManager=${fieldManager}`;
      await cluster.request({ method: 'PATCH', path: path + query, body: step.patch });
      return;
    }
    case 'create': {
      const collection = `${collectionPath(resource, namespace)}?fieldManager=${fieldManager}`;
      await cluster.request({ method: 'POST', path: collection, body: step.manifest });
      return;
    }
    case 'delete':
      try {
        await cluster.request({ method: 'DELETE', path });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
  }
};

/** What can be done now: all steps before the first one that is to be done by hand. */
export const doableSteps = ({ steps }: Translation): readonly Doable[] => {
  const doable: Doable[] = [];
  for (const step of steps) {
    if (step.action === 'by-hand') return doable;
    doable.push(step);
  }
  return doable;
};

/** Does them one after another and tells each; the first failure is passed on. */
export const applySteps = async (
  cluster: Pick<ClusterAccess, 'request'>,
  translations: readonly Translation[],
  tell: (step: Doable) => void,
): Promise<void> => {
  for (const step of translations.flatMap(doableSteps)) {
    await doStep(cluster, step);
    tell(step);
  }
};
