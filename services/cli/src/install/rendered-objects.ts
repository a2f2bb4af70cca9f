/** Reads what an overlay of the manifests comes to, and writes objects as YAML. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OutsideError } from '@flyball/contracts';
import { parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import type { Overlay } from './install-choices.ts';

const folder = join(import.meta.dirname, '../../../../infra/kubernetes/rendered');
const objectSchema = z.record(z.string(), z.json());

export type ClusterObject = z.infer<typeof objectSchema>;

/** The objects of an overlay, in the order in which they are applied. */
export const readRendered = async (overlay: Overlay): Promise<readonly ClusterObject[]> => {
  const path = join(folder, `${overlay}.yaml`);
  try {
    const documents = parseAllDocuments(await readFile(path, 'utf8'));
    return documents.map((document) => objectSchema.parse(document.toJS()));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${path} cannot be read: ${reason}. \`npm run generate\` writes it.`;
    throw new OutsideError('FILE_UNREADABLE', message, { retriable: false, cause: error });
  }
};

/** As text for kubectl, which reads YAML 1.1: `on` and `yes` are quoted. Ends with a newline. */
export const yamlOf = (objects: readonly unknown[]): string =>
  objects
    .map((object) =>
      stringify(object, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }),
    )
    .join('---\n');
