/** Files of a test in a folder of their own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface WrittenFiles extends AsyncDisposable {
  readonly folder: string;
  readonly pathOf: (name: string) => string;
}

/** Writes the files; disposing removes them with their folder. */
export const writeFiles = async (
  texts: Readonly<Record<string, string>>,
): Promise<WrittenFiles> => {
  const folder = await mkdtemp(join(tmpdir(), 'flyball-files-'));
  const pathOf = (name: string): string => join(folder, name);
  for (const [name, text] of Object.entries(texts)) await writeFile(pathOf(name), text);
  return {
    folder,
    pathOf,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
};

/** Standard input that holds a text, nothing by default. */
export const inputOf =
  (text = ''): (() => Promise<string>) =>
  async () =>
    text;

/** A Deployment with annotations on its pods: one that is not ours, then these from line 11 on. */
export const deploymentYaml = (
  name: string,
  annotations: Readonly<Record<string, string>> = {},
): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  template:
    metadata:
      labels: { app: ${name} }
      annotations:
        example.com/first: "1"
${Object.entries(annotations)
  .map(([key, value]) => `        ${key}: ${JSON.stringify(value)}\n`)
  .join('')}    spec:
      containers:
        - image: example.com/${name}:1
          command: [node]
`;

export const configYaml = (data: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'config-autoscaler' },
    data,
  });
