/** What the manifests allow each account: one right for each verb of each resource. */
import type { ClusterObject } from '../../manifests/rendered-overlay.ts';
import { type Asked, resourceWord } from './audit-log.ts';

export interface Right {
  readonly account: string;
  readonly verb: string;
  readonly resource: string;
  /** Empty: everywhere. */
  readonly namespace: string;
  /** Empty: any. */
  readonly names: readonly string[];
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface Binding extends ClusterObject {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly name: string }[];
}

const isBinding = (object: ClusterObject): object is Binding => object.kind.endsWith('Binding');

const rightsOf = (account: string, namespace: string, rule: Rule): readonly Right[] =>
  rule.apiGroups.flatMap((group) =>
    rule.resources.flatMap((resource) =>
      rule.verbs.map((verb) => ({
        ...{ account, verb, namespace },
        resource: resourceWord(group, resource),
        names: rule.resourceNames ?? [],
      })),
    ),
  );

/** Every right of every account. */
export const grantedRights = (objects: readonly ClusterObject[]): readonly Right[] =>
  objects.filter(isBinding).flatMap(({ metadata, roleRef, subjects }) => {
    const { namespace = '' } = metadata;
    const role = objects.find(
      (object) =>
        object.kind === roleRef.kind &&
        object.metadata.name === roleRef.name &&
        (roleRef.kind === 'ClusterRole' || object.metadata.namespace === namespace),
    );
    if (role === undefined) throw new Error(`${metadata.name} binds a role that is not there.`);
    const rules = role.rules as readonly Rule[];
    return subjects.flatMap(({ name }) => rules.flatMap((rule) => rightsOf(name, namespace, rule)));
  });

/** Was the right needed for what was asked? */
export const covers = (right: Right, asked: Asked): boolean =>
  right.account === asked.account &&
  right.verb === asked.verb &&
  right.resource === asked.resource &&
  (right.namespace === '' || right.namespace === asked.namespace) &&
  // A list or watch of one name says the name in its field selector, and the log has it, too.
  (right.names.length === 0 || asked.name === '' || right.names.includes(asked.name));

/** `watcher: list apps/deployments`, with the namespace where it is bound to one. */
export const rightWords = ({ account, verb, resource, namespace }: Right): string =>
  `${account}: ${verb} ${resource}${namespace === '' ? '' : ` in ${namespace}`}`;
