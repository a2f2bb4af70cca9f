/** Asks the API server whether Flyball's service accounts may do what they have to. */
import { OutsideError } from '@flyball/contracts';
import type { ClusterAccess } from '@flyball/platform/kubernetes';
import { placeObjects } from '../../install/place-objects.ts';
import { readRendered } from '../../install/rendered-objects.ts';
import { advised, type Check, failed, passed } from '../check.ts';
import type { Installation } from './cluster-object.ts';
import { type Right, rightsIn } from './rights.ts';

type Asking = Pick<ClusterAccess, 'request'>;

const part = 'rights';
/** Questions asked at once. */
const atOnce = 8;
const shownMax = 5;
const reviews = '/apis/authorization.k8s.io/v1';

interface Review {
  readonly status?: { readonly allowed?: boolean };
}

const attributesOf = ({ namespace, group, resource, verb }: Omit<Right, 'user'>) => {
  const [name, subresource] = resource.split('/');
  return {
    ...{ verb, group, resource: name },
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === '' ? {} : { namespace }),
  };
};

const review = async (cluster: Asking, kind: string, spec: object): Promise<boolean> => {
  const body = { apiVersion: 'authorization.k8s.io/v1', kind, spec };
  const path = `${reviews}/${kind.toLowerCase()}s`;
  const { status } = await cluster.request<Review>({ method: 'POST', path, body });
  return status?.allowed === true;
};

/** May who runs the doctor do this? */
export const mayI = (cluster: Asking, right: Omit<Right, 'user'>): Promise<boolean> =>
  review(cluster, 'SelfSubjectAccessReview', { resourceAttributes: attributesOf(right) });

const may = (cluster: Asking, { user, ...right }: Right): Promise<boolean> => {
  const resourceAttributes = attributesOf(right);
  // Everyone is in these groups; what they may do counts as well.
  const groups = ['system:serviceaccounts', 'system:authenticated'];
  return review(cluster, 'SubjectAccessReview', { user, groups, resourceAttributes });
};

const missingOf = async (cluster: Asking, rights: readonly Right[]): Promise<Right[]> => {
  const missing: Right[] = [];
  const left = [...rights];
  const ask = async (): Promise<void> => {
    for (let right = left.shift(); right !== undefined; right = left.shift()) {
      if (!(await may(cluster, right))) missing.push(right);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
  return missing;
};

const shown = ({ verb, resource, group }: Right): string =>
  `${verb} ${resource}${group === '' ? '' : `.${group}`}`;

/** Without its options another registry, domain or namespace would be applied over it. */
const mendOf = ({ namespace }: Installation): string =>
  'Apply your manifests again, with the options of your installation: `helm upgrade`, or ' +
  `\`flyball install --print --namespace ${namespace} … | kubectl apply --server-side -f -\`.`;

const judgeUser = (user: string, missing: readonly Right[], installation: Installation): Check => {
  const account = user.split(':').slice(2).join('/');
  const some = missing.slice(0, shownMax).map(shown).join(', ');
  const more = missing.length > shownMax ? ` and ${missing.length - shownMax} more` : '';
  return failed(part, `ServiceAccount ${account} may not ${some}${more}`, mendOf(installation));
};

const wantedOf = async (
  { namespace, services, optIn }: Installation,
  namespaces: readonly string[],
): Promise<Right[]> => {
  const choices = {
    ...({
      overlay: 'production',
      images: 'flyball',
      domain: 'example.com',
      namespaces: [],
    } as const),
    ...({ namespace, optIn, knativeServices: 'install' } as const),
  };
  const rights = rightsIn(placeObjects(await readRendered('production'), choices));
  const accounts = services.map((name) => `system:serviceaccount:${namespace}:${name}`);
  // Where there is no such namespace, nothing is looked for in it.
  const isThere = (name: string): boolean => name === '' || namespaces.includes(name);
  return rights.filter((right) => accounts.includes(right.user) && isThere(right.namespace));
};

const askAbout = { namespace: '', group: 'authorization.k8s.io', resource: 'subjectaccessreviews' };

/** What each service that is installed needs, by the manifests of this version. */
export const checkRights = async (
  cluster: Asking,
  installation: Installation,
  namespaces: readonly string[],
): Promise<Check[]> => {
  if (!(await mayI(cluster, { ...askAbout, verb: 'create' }))) {
    const found = 'you may not ask what others may do (create subjectaccessreviews)';
    return [advised(part, found, 'Run the doctor as an administrator of the cluster.')];
  }
  const wanted = await wantedOf(installation, namespaces);
  const missing = Map.groupBy(await missingOf(cluster, wanted), ({ user }) => user);
  const findings = [...missing].map(([user, rights]) => judgeUser(user, rights, installation));
  if (findings.length > 0) return findings;
  return [passed(part, `all ${wanted.length} that the service accounts need are there`)];
};

/** An error of a kind that a person may not see is no failure of the cluster. */
export const isForbidden = (error: unknown): error is OutsideError =>
  error instanceof OutsideError && error.code === 'PLATFORM_REFUSED';
