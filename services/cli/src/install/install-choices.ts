/** What can be chosen of an installation, and how each choice has to look. */
import { InvalidArgumentError } from 'commander';
import { parseNamespace, parserOf } from '../commands/dns-label.ts';

export const overlays = ['production', 'dev'] as const;
export type Overlay = (typeof overlays)[number];

/** Install their kinds where there are none and serve them, serve them where ours are, or off. */
export const knativeServices = ['install', 'serve', 'off'] as const;

/** As the manifests have it; whoever chooses otherwise gets it everywhere instead. */
export const usualNamespace = 'flyball-system';
/** Names that no registry knows: of images that the cluster's nodes have already. */
export const usualImages = 'flyball';

export interface InstallChoices {
  readonly overlay: Overlay;
  /** Where Flyball itself runs. */
  readonly namespace: string;
  /** What is before `/<service>` in the names of our images. */
  readonly images: string;
  /** Of our images; undefined: as in the manifests. */
  readonly tag?: string | undefined;
  readonly domain: string;
  readonly optIn: 'annotated' | 'all';
  readonly knativeServices: (typeof knativeServices)[number];
  /** Namespaces whose workloads are looked at; empty: all. */
  readonly namespaces: readonly string[];
}

const reserved = ['default', 'knative-serving', 'kube-node-lease', 'kube-public', 'kube-system'];

export const parseTag = parserOf(
  /^\w[\w.-]{0,127}$/,
  'a tag of an image: up to 128 letters, digits, _, . and -',
);
export const parseImages = parserOf(
  /^[a-z0-9]([a-z0-9.:_/-]{0,200}[a-z0-9])?$/,
  'where images are, without a service and a tag: registry.example.com/flyball',
);

/** Namespaces that others own, or that the manifests use for something else, are refused. */
export const parseOwnNamespace = (given: string): string => {
  if (reserved.includes(given)) {
    throw new InvalidArgumentError(`${given} is not ours; allowed: a namespace of its own.`);
  }
  return parseNamespace(given);
};
