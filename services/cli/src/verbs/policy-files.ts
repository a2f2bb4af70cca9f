/** `policy -f`: the policies that files would set, without a running Flyball. */
import { type WorkloadKey, workloadKey } from '@flyball/contracts';
import {
  type AutoscalerConfig,
  type HorizontalPodAutoscaler,
  horizontalPodAutoscalerOf,
  hpaClass,
  type ResolvedPolicy,
  resolvePolicy,
  type WorkloadManifest,
} from '@flyball/knative';
import { stringify } from 'yaml';
import { type Context, exitCode } from '../context.ts';
import type { Terminal } from '../output/terminal.ts';
import { policyTable, valuesOf } from './policy-table.ts';
import { countComplaints, readFiles, sayComplaints } from './read-files.ts';

export interface PolicyFilesOptions {
  readonly file: readonly string[];
  /** Only this one. */
  readonly workload?: WorkloadKey | undefined;
  readonly output: 'text' | 'json';
}

interface Judged {
  readonly manifest: WorkloadManifest;
  readonly resolved: ResolvedPolicy;
  /** Of class hpa only. */
  readonly autoscaler: HorizontalPodAutoscaler | null;
}

/** Knative scales a revision: the first one of a Service is named `<name>-00001`. */
const revisionOf = ({ kind, name }: WorkloadManifest): { name: string; deployment: string } => {
  if (kind === 'Deployment') return { name, deployment: name };
  const revision = `${name}-00001`;
  return { name: revision, deployment: `${revision}-deployment` };
};

const judge = (manifest: WorkloadManifest, config: AutoscalerConfig): Judged => {
  const { namespace, annotations, labels, containerConcurrency, timeoutSeconds } = manifest;
  const resolved = resolvePolicy({ config, annotations, containerConcurrency, timeoutSeconds });
  const { policy } = resolved;
  const subject = { namespace, annotations, labels, ...revisionOf(manifest) };
  const isHpa = policy.class === hpaClass;
  return {
    manifest,
    resolved,
    autoscaler: isHpa ? horizontalPodAutoscalerOf(policy, subject) : null,
  };
};

const textLines = (terminal: Terminal, { manifest, resolved, autoscaler }: Judged): string[] => {
  const { kind, namespace, name, source } = manifest;
  const { policy, layers } = resolved;
  const title = `${namespace}/${name}`;
  const made = autoscaler === null ? '' : stringify(autoscaler, { aliasDuplicateObjects: false });
  return [
    `${terminal.styled('bold', title)}  (${kind} in ${source.file}:${source.line})`,
    ...policyTable(terminal, policy, layers),
    ...(made === ''
      ? []
      : [
          '',
          'On a cluster Kubernetes scales it, by this object: what is not in it does not count.',
          '---',
          ...made.trimEnd().split('\n'),
        ]),
  ];
};

const jsonOf = ({ manifest, resolved, autoscaler }: Judged): object => ({
  namespace: manifest.namespace,
  name: manifest.name,
  kind: manifest.kind,
  source: manifest.source,
  values: valuesOf(resolved.policy, resolved.layers),
  horizontalPodAutoscaler: autoscaler,
});

/**
 * Every effective value of each workload in the files, under the `config-autoscaler` that they
 * bring, else Knative's defaults. Exit code 1 when `apply` would refuse them.
 */
export const policyOfFiles = async (
  { terminal, input }: Pick<Context, 'terminal' | 'input'>,
  { file, workload, output }: PolicyFilesOptions,
): Promise<number> => {
  const files = await readFiles(file, { needsCommand: false, input });
  sayComplaints(terminal, files.complaints);
  const judged = files.manifests.flatMap((manifest) => {
    if (manifest.kind === 'ConfigMap') return [];
    const key = workloadKey(manifest.namespace, manifest.name);
    return workload === undefined || workload === key ? [judge(manifest, files.config)] : [];
  });
  if (output === 'json') terminal.line(JSON.stringify(judged.map(jsonOf), undefined, 2));
  else {
    const blocks = judged.map((one) => textLines(terminal, one));
    for (const [index, lines] of blocks.entries()) {
      if (index > 0) terminal.line();
      for (const line of lines) terminal.line(line);
    }
  }
  if (files.refused) {
    terminal.note(`${countComplaints(files.complaints)}: apply would refuse this.`);
    return exitCode.no;
  }
  if (judged.length > 0) return exitCode.ok;
  terminal.note(workload === undefined ? 'There is no workload here.' : `${workload} is not here.`);
  return exitCode.no;
};
