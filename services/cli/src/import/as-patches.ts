/** Translations as strategic-merge patches, as kustomize and GitOps repositories take them. */
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import type { ObjectName, Step, Translation } from './translation.ts';

const headOf = ({ apiVersion, kind, namespace, name }: ObjectName): Record<string, unknown> => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
});

const metadataOf = (value: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  (value.metadata ?? {}) as Record<string, unknown>;

/** What a repository cannot hold: it is done by a person. */
export const isPatchless = (step: Step): boolean => step.action === 'by-hand';

const documentOf = (step: Step): Record<string, unknown>[] => {
  if (step.action === 'by-hand') return [];
  const head = headOf(step.object);
  switch (step.action) {
    case 'create':
      return [step.manifest];
    case 'delete':
      return [{ ...head, $patch: 'delete' }];
    case 'patch':
      return [
        { ...head, ...step.patch, metadata: { ...metadataOf(head), ...metadataOf(step.patch) } },
      ];
  }
};

/** What goes in the end needs no other change: only the last word about an object is written. */
const lastWords = ({ steps }: Translation): readonly Step[] =>
  steps.filter(
    (step, index) =>
      step.action !== 'patch' ||
      !steps
        .slice(index)
        .some((later) => later.action === 'delete' && isDeepStrictEqual(later.object, step.object)),
  );

/** The documents in order, each a patch (or, for what is new, an object). */
const patchDocuments = (translations: readonly Translation[]): Record<string, unknown>[] =>
  translations.flatMap((translation) => lastWords(translation).flatMap(documentOf));

/** The same as one YAML text. */
export const patchText = (translations: readonly Translation[]): string =>
  patchDocuments(translations)
    .map(
      (document) => `---\n${stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 })}`,
    )
    .join('');
