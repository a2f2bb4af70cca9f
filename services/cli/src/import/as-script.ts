/** Translations as a shell script of kubectl commands: what a person reads and may run. */
import { stringify } from 'yaml';
import { shellQuoted } from '../output/shell-quoted.ts';
import { type ObjectName, type Step, shownName, type Translation } from './translation.ts';

const width = 96;

/** Comment lines of a text: what came from outside stays within them. */
const comment = (text: string, indent = ''): string[] => {
  const words = text
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .split(' ');
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) {
      lines.push(`# ${lines.length === 0 ? indent : ' '.repeat(indent.length)}${word}`);
    } else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
};

const endWord = 'YAML';

/** A document within the script; the end word never stands alone on a line of YAML. */
const hereDocument = (value: unknown): string[] => [
  ...stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 }).trimEnd().split('\n'),
  endWord,
];

/** `deployments.apps/web`, as kubectl finds it whatever else the cluster has. */
const kubectlKind = ({ apiVersion, kind }: ObjectName): string => {
  const [group = '', version] = apiVersion.split('/');
  return (version === undefined ? kind : `${kind}.${version}.${group}`).toLowerCase();
};

const kubectlName = (object: ObjectName): string =>
  shellQuoted(`${kubectlKind(object)}/${object.name}`);

const isAnnotationsOnly = (patch: Readonly<Record<string, unknown>>): boolean =>
  Object.keys(patch).join() === 'metadata' &&
  Object.keys(patch.metadata ?? {}).join() === 'annotations';

const annotateLine = (
  object: ObjectName,
  annotations: Readonly<Record<string, string>>,
): string[] => {
  const pairs = Object.entries(annotations).map(([key, value]) => shellQuoted(`${key}=${value}`));
  const namespace = shellQuoted(object.namespace);
  const start = `kubectl annotate --overwrite --namespace ${namespace} ${kubectlName(object)}`;
  return [start, ...pairs].map(
    (line, index) => `${index === 0 ? '' : '  '}${line}${index === pairs.length ? '' : ' \\'}`,
  );
};

const commandOf = (step: Step): string[] => {
  if (step.action === 'by-hand') return [];
  const namespace = `--namespace ${shellQuoted(step.object.namespace)}`;
  const name = kubectlName(step.object);
  switch (step.action) {
    case 'delete':
      return [`kubectl delete --ignore-not-found ${namespace} ${name}`];
    case 'create':
      return [
        `kubectl apply ${namespace} --filename - <<'${endWord}'`,
        ...hereDocument(step.manifest),
      ];
    case 'patch': {
      if (isAnnotationsOnly(step.patch)) {
        const { annotations } = step.patch.metadata as { annotations: Record<string, string> };
        return annotateLine(step.object, annotations);
      }
      const start = `kubectl patch --type merge ${namespace} ${name}`;
      return [`${start} --patch-file /dev/stdin <<'${endWord}'`, ...hereDocument(step.patch)];
    }
  }
};

/** What follows a thing to do by hand is not run along with the rest. */
const stepLines = (step: Step, number: number, isHeld: boolean): string[] => {
  const mark = step.action === 'by-hand' ? 'By hand: ' : '';
  const lines = comment(`${number}. ${mark}${step.why}`);
  const command = commandOf(step);
  return [...lines, ...(isHeld ? command.map((line) => `#: ${line}`) : command)];
};

const stepsLines = (steps: readonly Step[]): string[] => {
  const firstByHand = steps.findIndex(({ action }) => action === 'by-hand');
  return steps.flatMap((step, index) =>
    stepLines(step, index + 1, firstByHand !== -1 && index > firstByHand),
  );
};

const heldNote =
  'Lines with #: wait for what is to be done by hand; take the mark away to run them.';

const blockOf = (translation: Translation): string[] => {
  const { from, workload, refused, losses, notes, steps } = translation;
  const title = workload === null ? shownName(from) : `${shownName(from)} → ${workload}`;
  const hasHeld = steps.some(({ action }) => action === 'by-hand');
  return [
    ...comment(`== ${title}`),
    ...(refused === null ? [] : comment(`not taken over: ${refused}`)),
    ...losses.flatMap(({ path, value, message }) =>
      comment(`no counterpart: ${path} ${value}: ${message}`, ''),
    ),
    ...notes.flatMap((note) => comment(`note: ${note}`)),
    ...(hasHeld ? comment(heldNote) : []),
    ...stepsLines(steps),
  ];
};

/** The lines of the script; `sh` runs what needs nobody's judgement. */
export const scriptLines = (translations: readonly Translation[]): string[] =>
  translations.flatMap((translation, index) => [
    ...(index === 0 ? [] : ['']),
    ...blockOf(translation),
  ]);
