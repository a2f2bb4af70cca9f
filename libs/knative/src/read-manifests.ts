/** Kubernetes YAML → the objects that Flyball uses, with every complaint of all of them at once. */
import { annotationSettings, hpaClass, kpaClass } from './annotation-settings.ts';
import { classOf } from './annotation-subject.ts';
import { type AutoscalerConfig, defaultAutoscalerConfig } from './autoscaler-config.ts';
import type { CommandTable } from './command-table.ts';
import { type Complaint, complaintAt, inReadingOrder, type Locate, nowhere } from './complaint.ts';
import { type ConfigFolder, readConfigFolder } from './config-folder.ts';
import {
  complain,
  isPresent,
  itemsOf,
  parseLocated,
  placeOf,
  type Spot,
  shapeOf,
  under,
  writtenAt,
} from './located-yaml.ts';
import type { Manifest, WorkloadManifest } from './manifest.ts';
import { nearestKey } from './nearest-key.ts';
import { parseConfigAutoscaler } from './parse-config-autoscaler.ts';
import { isPublicService, judgePublicService } from './public-service.ts';
import type { ContainerOptions } from './read-container.ts';
import { readNamespace } from './read-metadata.ts';
import { type ReadWorkload, readDeployment, readService } from './read-workload.ts';
import { validateAnnotations } from './validate-annotations.ts';
import { textMapAt } from './yaml-values.ts';

export interface ManifestText {
  /** As complaints are to name it. */
  readonly file: string;
  readonly text: string;
}

export interface ReadOptions {
  /** The image→command table. */
  readonly commands?: CommandTable | undefined;
  /** The cluster's config where the texts bring none; by default Knative's defaults. */
  readonly config?: AutoscalerConfig | undefined;
  /** False for a cluster, where images say how they start; by default true. */
  readonly needsCommand?: boolean | undefined;
  /** Mounted ConfigMaps: folders that hold `config-autoscaler` in a file for each key. */
  readonly folders?: readonly ConfigFolder[] | undefined;
}

export interface ReadManifests {
  readonly objects: readonly Manifest[];
  /** The config that the workloads were judged under. */
  readonly config: AutoscalerConfig;
  /** In reading order. With any of severity `error` nothing may be applied. */
  readonly complaints: readonly Complaint[];
}

interface ReadObject {
  readonly manifest: Manifest;
  /** Where each annotation, or each key of the data, stands. */
  readonly locate: Locate;
  /** False when its name was refused: it is judged with the rest, but is no object. */
  readonly named: boolean;
  readonly refuseName: (message: string) => void;
}

/** Reads one text. */
export const readManifests = (input: ManifestText & ReadOptions): ReadManifests =>
  readAllManifests([input], input);

/** Reads several texts as one: a ConfigMap in any of them holds for the workloads of all. */
export const readAllManifests = (
  texts: readonly ManifestText[],
  options: ReadOptions = {},
): ReadManifests => {
  const container: ContainerOptions = {
    commands: options.commands ?? new Map(),
    needsCommand: options.needsCommand ?? true,
  };
  const located = texts.map(parseLocated);
  const folders = (options.folders ?? []).map(readConfigFolder);
  const written = located.flatMap(({ roots }) =>
    roots.flatMap(objectsIn).flatMap((root) => readObject(root, container) ?? []),
  );
  const read = [...written, ...folders.map((folder) => ({ ...folder, named: true }))];
  const usable = read.filter(({ named }) => named);
  complainOfDoubles(usable);
  const { config, complaints: configComplaints } = configAmong(read, options);
  const annotationComplaints = read.flatMap(({ manifest, locate }) =>
    manifest.kind === 'ConfigMap' ? [] : judge(manifest, locate, { config, ...container }),
  );
  const complaints = [...located, ...folders].flatMap((source) => source.complaints);
  return {
    objects: usable.map(({ manifest }) => manifest),
    config,
    complaints: ordered(
      [...texts, ...(options.folders ?? []).flatMap(filesOf)].map(({ file }) => file),
      [...complaints, ...configComplaints, ...annotationComplaints],
    ),
  };
};

const judge = (
  manifest: WorkloadManifest,
  locate: Locate,
  context: ContainerOptions & { readonly config: AutoscalerConfig },
): Complaint[] => {
  const { annotations, containerConcurrency } = manifest;
  const { config, needsCommand } = context;
  const complaints = validateAnnotations(annotations, { config, containerConcurrency, locate });
  if (!needsCommand || classOf(annotations, config) !== hpaClass) return complaints;
  const { key } = annotationSettings.class;
  const message = 'A HorizontalPodAutoscaler needs a cluster; on this machine nothing scales it.';
  const fault = { severity: 'warning', key, value: hpaClass, message, allowed: kpaClass } as const;
  return [...complaints, complaintAt(locate(key), fault)];
};

const filesOf = ({ folder, files }: ConfigFolder): readonly { readonly file: string }[] => [
  { file: folder },
  ...files,
];

/** By line within a file, the files in the order in which they were given; nothing twice. */
const ordered = (files: readonly string[], complaints: readonly Complaint[]): Complaint[] => {
  const distinct = new Map(complaints.map((complaint) => [JSON.stringify(complaint), complaint]));
  return [...new Set(files)].flatMap((file) =>
    inReadingOrder([...distinct.values()].filter((complaint) => complaint.file === file)),
  );
};

const locateAmong =
  (spots: ReadonlyMap<string, Spot>, source: { file: string; line: number }): Locate =>
  (key) => {
    const spot = spots.get(key);
    return spot === undefined ? { ...nowhere(key), ...source } : placeOf(spot);
  };

/** The object itself, or those of a `List`. */
const objectsIn = (root: Spot): Spot[] =>
  writtenAt(under(root, 'kind')).endsWith('List') && isPresent(under(root, 'items'))
    ? itemsOf(under(root, 'items'))
    : [root];

const usedKinds = ['Service', 'Deployment', 'ConfigMap'];
const serviceVersions = ['v1', 'v1beta1', 'v1alpha1'].map((name) => `serving.knative.dev/${name}`);
const deploymentVersion = 'apps/v1';

const readObject = (root: Spot, options: ContainerOptions): ReadObject | undefined => {
  const kind = writtenAt(under(root, 'kind'));
  const version = writtenAt(under(root, 'apiVersion'));
  if (shapeOf(root) !== 'a map' || kind === '' || version === '') {
    const message = 'This is not a Kubernetes object: it has no apiVersion or no kind.';
    complain(root, { severity: 'error', message, allowed: 'apiVersion, kind and metadata' });
    return undefined;
  }
  if (kind === 'Service' && serviceVersions.includes(version)) {
    return objectOf(readService(root, options));
  }
  if (kind === 'Deployment' && version === deploymentVersion) {
    return objectOf(readDeployment(root, options));
  }
  if (kind === 'ConfigMap' && version === 'v1') return readConfigMap(root);
  if (isPublicService(root)) {
    judgePublicService(root, { forCluster: !options.needsCommand });
    return undefined;
  }
  complainOfOther(root, kind, version);
  return undefined;
};

const objectOf = (
  read:
    | (Pick<ReadWorkload, 'root' | 'spots' | 'named'> & { readonly manifest: Manifest })
    | undefined,
): ReadObject | undefined => {
  if (read === undefined) return undefined;
  const { root, manifest, spots, named } = read;
  return {
    manifest,
    named,
    locate: locateAmong(spots, manifest.source),
    refuseName: (message) => {
      complain(under(root, 'metadata', 'name'), { severity: 'error', message });
    },
  };
};

const complainOfOther = (root: Spot, kind: string, version: string): void => {
  const spot = under(root, 'kind');
  const group = version.split('/')[0];
  const knownGroup =
    (kind === 'Service' && group === 'serving.knative.dev') ||
    (kind === 'Deployment' && ['apps', 'extensions'].includes(group ?? ''));
  if (knownGroup) {
    const message = `${kind} of ${version} cannot be read.`;
    const allowed = kind === 'Service' ? serviceVersions.join(', ') : deploymentVersion;
    complain(under(root, 'apiVersion'), { severity: 'error', message, allowed });
    return;
  }
  const near = usedKinds.includes(kind) ? undefined : nearestKey(kind, usedKinds);
  const message = `Kind ${kind} (${version}) is not used by Flyball; it is skipped.`;
  const allowed = 'Service (serving.knative.dev), Deployment (apps/v1), ConfigMap (v1)';
  complain(spot, { severity: 'warning', message, allowed, didYouMean: near });
};

const configName = 'config-autoscaler';

const readConfigMap = (root: Spot): ReadObject | undefined => {
  const nameSpot = under(root, 'metadata', 'name');
  const name = writtenAt(nameSpot);
  if (name !== configName) {
    const message = `The ConfigMap ${name} is not used by Flyball; it is skipped.`;
    const didYouMean = nearestKey(name, [configName]);
    complain(nameSpot, { severity: 'warning', message, allowed: configName, didYouMean });
    return undefined;
  }
  const namespace = readNamespace(root);
  const { texts, spots } = textMapAt(under(root, 'data'));
  if (namespace === undefined) return undefined;
  const { file, line } = placeOf(root);
  const source = { file, line };
  const manifest = { kind: 'ConfigMap', namespace, name: configName, data: texts, source } as const;
  return objectOf({ root, manifest, spots, named: true });
};

/** The first one holds; a second is refused as such, and its own mistakes are told as well. */
const configAmong = (
  read: readonly ReadObject[],
  options: ReadOptions,
): { config: AutoscalerConfig; complaints: readonly Complaint[] } => {
  const configs = read.flatMap(({ manifest, locate }) =>
    manifest.kind === 'ConfigMap' ? [parseConfigAutoscaler(manifest.data, { locate })] : [],
  );
  return {
    config: configs[0]?.config ?? options.config ?? defaultAutoscalerConfig,
    complaints: configs.flatMap(({ complaints }) => complaints),
  };
};

/** One name, one workload: a Service and a Deployment of the same name would share a history. */
const complainOfDoubles = (read: readonly ReadObject[]): void => {
  const seen = new Map<string, Manifest>();
  for (const { manifest, refuseName } of read) {
    const { kind, namespace, name } = manifest;
    const key = kind === 'ConfigMap' ? configName : `${namespace}/${name}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, manifest);
    else {
      const { file, line } = first.source;
      const place = line === 0 ? file : `${file}:${line}`;
      refuseName(`${key} is given twice: first as ${first.kind} in ${place}.`);
    }
  }
};
