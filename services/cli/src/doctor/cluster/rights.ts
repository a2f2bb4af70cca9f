/** The rights that the manifests give to Flyball's service accounts. Pure. */
import { z } from 'zod';

const rulesSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
  rules: z
    .array(
      z.looseObject({
        apiGroups: z.array(z.string()),
        resources: z.array(z.string()),
        verbs: z.array(z.string()),
        resourceNames: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  roleRef: z.looseObject({ kind: z.string(), name: z.string() }).optional(),
  subjects: z
    .array(z.looseObject({ kind: z.string(), name: z.string(), namespace: z.string().optional() }))
    .optional(),
});

type RulesObject = z.infer<typeof rulesSchema>;

/** What a SubjectAccessReview asks about. */
export interface Right {
  readonly user: string;
  /** Empty: of the whole cluster. */
  readonly namespace: string;
  readonly group: string;
  /** `deployments/scale`. */
  readonly resource: string;
  readonly verb: string;
}

const rightsOf = (binding: RulesObject, role: RulesObject | undefined): Right[] =>
  (binding.subjects ?? [])
    .filter(({ kind }) => kind === 'ServiceAccount')
    .flatMap(({ name, namespace = '' }) => {
      const user = `system:serviceaccount:${namespace}:${name}`;
      const within = binding.kind === 'RoleBinding' ? (binding.metadata.namespace ?? '') : '';
      return (
        (role?.rules ?? [])
          // Rights over single objects are what set-up makes for itself.
          .filter(({ resourceNames = [] }) => resourceNames.length === 0)
          .flatMap(({ apiGroups, resources, verbs }) =>
            apiGroups.flatMap((group) =>
              resources.flatMap((resource) =>
                verbs.map((verb) => ({ user, namespace: within, group, resource, verb })),
              ),
            ),
          )
      );
    });

/** Every right once; objects of other kinds say nothing. */
export const rightsIn = (objects: readonly unknown[]): Right[] => {
  const read = objects.flatMap((object) => {
    const parsed = rulesSchema.safeParse(object);
    return parsed.success ? [parsed.data] : [];
  });
  const rights = read
    .filter(({ kind }) => kind === 'ClusterRoleBinding' || kind === 'RoleBinding')
    .flatMap((binding) => {
      const { roleRef, metadata } = binding;
      const role = read.find(
        (one) =>
          one.kind === roleRef?.kind &&
          one.metadata.name === roleRef.name &&
          (one.kind === 'ClusterRole' || one.metadata.namespace === metadata.namespace),
      );
      return rightsOf(binding, role);
    });
  return [...new Map(rights.map((right) => [JSON.stringify(right), right])).values()];
};
