/** Writes what each overlay of the manifests comes to, for `flyball install` and for reviews. */
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ask } from './setup/command.mjs';
import { findProgram, root } from './setup/places.mjs';

const manifests = join(root, 'infra/kubernetes');
const chartFiles = join(root, 'infra/helm/flyball/files');

/** The overlays, by the names of their folders. */
const overlays = readdirSync(join(manifests, 'overlays')).sort();

/** What the chart has from the manifests as it is there: a chart may not reach out of its folder. */
const shared = {
  'nats.conf': 'base/system/nats/nats.conf',
  'users.conf': 'base/system/nats/users.conf',
  'redis.conf': 'base/system/redis/redis.conf',
  'config-autoscaler.yaml': 'base/config-autoscaler.yaml',
};

/** @returns {string[] | undefined} the command that renders a folder; undefined: there is none */
function renderCommand() {
  const kustomize = findProgram('kustomize');
  if (kustomize !== undefined) return [kustomize, 'build'];
  const kubectl = findProgram('kubectl');
  return kubectl === undefined ? undefined : [kubectl, 'kustomize'];
}

const heading = (/** @type {string} */ overlay) =>
  `# Made by \`npm run generate\` from infra/kubernetes/overlays/${overlay}; do not edit.\n`;

/** Writes the rendered overlays, and what the chart shares with them. */
export function writeManifests() {
  mkdirSync(chartFiles, { recursive: true });
  for (const [name, from] of Object.entries(shared)) {
    copyFileSync(join(manifests, from), join(chartFiles, name));
  }
  const [program, ...words] = renderCommand() ?? [];
  if (program === undefined) {
    process.stdout.write('not rendered: infra/kubernetes needs kubectl or kustomize on PATH\n');
    return;
  }
  for (const overlay of overlays) {
    const path = join(manifests, 'rendered', `${overlay}.yaml`);
    const text = ask(program, [...words, join(manifests, 'overlays', overlay)]);
    if (text === undefined) throw new Error(`${program} cannot render the overlay ${overlay}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${heading(overlay)}${text}\n`);
    process.stdout.write(`wrote infra/kubernetes/rendered/${overlay}.yaml\n`);
  }
}
