/** What the definitions of our kinds have in common. */
import { managedByLabel } from '../serving-names.ts';

/** Where a definition lacks it, somebody else serves the kind, and we leave it alone. */
export const servedLabel = { 'flyball.dev/served': 'true' } as const;

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer';
  readonly jsonPath: string;
}

export interface CustomResource {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: object;
}

interface Kind {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** The first one is stored. */
  readonly versions: readonly string[];
  readonly columns: readonly PrinterColumn[];
  /** What `spec` may hold, beside what is not looked into. */
  readonly spec?: object;
}

const condition = {
  type: 'object',
  required: ['type', 'status'],
  properties: {
    type: { type: 'string' },
    status: { type: 'string' },
    severity: { type: 'string' },
    reason: { type: 'string' },
    message: { type: 'string' },
    lastTransitionTime: { type: 'string' },
  },
} as const;

const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;

const schemaOf = ({ spec = {} }: Kind) => ({
  openAPIV3Schema: {
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      // Pods are described in it, in every version's own shape: the controller judges it.
      spec: { ...open, ...spec },
      status: {
        ...open,
        properties: { conditions: { type: 'array', items: condition } },
      },
    },
  },
});

/** What a condition `Ready` says, in columns. */
export const readyColumns: readonly PrinterColumn[] = [
  { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
  { name: 'Reason', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].reason" },
];

export const customResource = (kind: Kind): CustomResource => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: `${kind.plural}.${kind.group}`,
    labels: { ...managedByLabel, ...servedLabel },
  },
  spec: {
    group: kind.group,
    scope: 'Namespaced',
    names: {
      kind: kind.kind,
      listKind: `${kind.kind}List`,
      plural: kind.plural,
      singular: kind.kind.toLowerCase(),
      shortNames: [...kind.shortNames],
      categories: [...kind.categories],
    },
    versions: kind.versions.map((name, index) => ({
      name,
      served: true,
      storage: index === 0,
      subresources: { status: {} },
      additionalPrinterColumns: kind.columns.map((column) => ({ ...column })),
      schema: schemaOf(kind),
    })),
  },
});
