/** Writes every document that is made from code. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeManifests } from './manifests.mjs';
import { root } from './setup/places.mjs';

const generators = [
  'libs/contracts/scripts/generate-documents.ts',
  'libs/knative/scripts/generate-settings.ts',
  'services/controller/scripts/generate-kinds.ts',
  'test/metrics/generate.ts',
];

for (const path of generators) await import(pathToFileURL(join(root, path)).href);
// After what they are made of.
writeManifests();
