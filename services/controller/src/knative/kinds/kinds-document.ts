/** The definitions of our kinds as the files that people apply by hand. */
import { stringify } from 'yaml';
import { customResources } from './kinds.ts';

const header = (name: string): string =>
  `# ${name}: made from services/controller/src/knative/kinds by \`npm run generate\`.\n`;

/** By their paths in the repository. */
export const kindsDocuments = (): Readonly<Record<string, string>> =>
  Object.fromEntries([
    ...customResources.map((resource) => {
      const { name } = resource.metadata;
      const text = stringify(resource, { aliasDuplicateObjects: false, lineWidth: 100 });
      return [`infra/kubernetes/crds/${name}.yaml`, header(name) + text] as const;
    }),
    ['infra/kubernetes/crds/kustomization.yaml', kustomization()],
  ]);

const kustomization = (): string =>
  header('The kinds of Knative that Flyball serves') +
  stringify({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: customResources.map(({ metadata }) => `${metadata.name}.yaml`),
  });
