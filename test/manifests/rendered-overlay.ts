/** The rendered overlays as objects, and looks into them that several tests share. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const root = resolve(import.meta.dirname, '../..');
export const overlays = ['dev', 'production'] as const;
export type Overlay = (typeof overlays)[number];

export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly Variable[];
  readonly envFrom?: readonly {
    readonly prefix: string;
    readonly secretRef: { readonly name: string };
  }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly [probe: `${string}Probe`]: unknown;
}

export interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly volumes?: readonly object[];
}

export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly [part: string]: unknown;
}

/** The objects of a text with several documents. */
export const objectsIn = (text: string): readonly ClusterObject[] =>
  parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS() as ClusterObject | null;
    return object === null ? [] : [object];
  });

/** As `npm run generate` wrote it. */
export const renderedText = (overlay: Overlay): string =>
  readFileSync(join(root, 'infra/kubernetes/rendered', `${overlay}.yaml`), 'utf8');

export const objectsOf = (overlay: Overlay): readonly ClusterObject[] =>
  objectsIn(renderedText(overlay));

/** `Deployment flyball-system/watcher`. */
export const nameOf = ({ kind, metadata: { namespace, name } }: ClusterObject): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

export interface OwnedPod {
  readonly owner: ClusterObject;
  readonly pod: PodSpec;
}

/** Whatever runs pods, with the pod that it runs. */
export const podsOf = (objects: readonly ClusterObject[]): readonly OwnedPod[] =>
  objects.flatMap((owner) => {
    const template = owner.spec?.template as { readonly spec: PodSpec } | undefined;
    return template === undefined ? [] : [{ owner, pod: template.spec }];
  });

/** The containers that run a service of ours, by the service's name. */
export const servicesOf = (objects: readonly ClusterObject[]): ReadonlyMap<string, Container> =>
  new Map(
    podsOf(objects)
      .flatMap(({ pod }) => pod.containers)
      .filter(({ image }) => image.startsWith('flyball/'))
      .map((container) => [container.name, container]),
  );
