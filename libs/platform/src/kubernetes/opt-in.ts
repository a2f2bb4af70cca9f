/** Which Deployments are ours to scale. Pure. */
import { enabledAnnotation, enabledBy } from '@flyball/knative';

/** Never taken by a wide opt-in: what the cluster itself and Flyball run on. */
const systemNamespaces: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
]);

interface Marks {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a Namespace says; `false` wins where label and annotation differ. */
export const namespaceEnabled = ({ labels, annotations }: Marks): boolean | undefined => {
  const said = [labels, annotations].map((marks) => enabledBy(marks?.[enabledAnnotation]));
  if (said.includes(false)) return false;
  return said.includes(true) ? true : undefined;
};

export interface OptInQuestion {
  /** What the Deployment says for itself. */
  readonly deployment: boolean | undefined;
  readonly namespace: string;
  /** What its Namespace says. */
  readonly inNamespace: boolean | undefined;
  /** The cluster-wide setting. */
  readonly optIn: 'annotated' | 'all';
  /** Where Flyball itself runs. */
  readonly ownNamespace: string;
}

/** `false` wins wherever it stands; a wide opt-in leaves the system's namespaces alone. */
export const isManaged = (question: OptInQuestion): boolean => {
  const { deployment, namespace, inNamespace, optIn, ownNamespace } = question;
  if (deployment === false || inNamespace === false) return false;
  if (deployment === true) return true;
  if (systemNamespaces.has(namespace) || namespace === ownNamespace) return false;
  return inNamespace === true || optIn === 'all';
};
