/** Writes what each overlay of the manifests comes to, for `flyball install` and for reviews. */
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ask } from './setup/command.mjs';
import { renderCommand } from './setup/manifest-tools.mjs';
import { root } from './setup/places.mjs';

const manifests = join(root, 'infra/kubernetes');
const chartFiles = join(root, 'infra/helm/flyball/files');

/** The overlays, by the names of their folders. */
const overlays = readdirSync(join(manifests, 'overlays')).sort();

/** A chart may not reach out of its folder: it has copies of what it shares with the manifests. */
const shared = {
  'nats.conf': 'base/system/nats/nats.conf',
  'users.conf': 'base/system/nats/users.conf',
  'one-server.conf': 'base/system/nats/cluster.conf',
  'cluster.conf': 'overlays/production/cluster.conf',
  'redis.conf': 'base/system/redis/redis.conf',
  'config-autoscaler.yaml': 'base/config-autoscaler.yaml',
  'as-they-are/knative-serving-rbac.yaml': 'base/knative-serving-rbac.yaml',
  'as-they-are/jaeger.yaml': 'overlays/dev/jaeger/jaeger.yaml',
};

/** Of these nothing can be chosen by values. */
const asTheyAre = /^(rbac|disruption|services?|configurations|network-policies)\.yaml$/;

/** @returns {Record<string, string>} files of the chart by what they are copied from */
function chartCopies() {
  const system = readdirSync(join(manifests, 'base/system'), { recursive: true, encoding: 'utf8' });
  const whole = system
    .filter((path) => asTheyAre.test(basename(path)) && !path.startsWith('shared'))
    .map((path) => [`as-they-are/${path.replaceAll('/', '-')}`, `base/system/${path}`]);
  return { ...shared, ...Object.fromEntries(whole) };
}

const heading = (/** @type {string} */ overlay) =>
  `# Made by \`npm run generate\` from infra/kubernetes/overlays/${overlay}; do not edit.\n`;

/** Writes the rendered overlays, and what the chart shares with them. */
export function writeManifests() {
  rmSync(chartFiles, { recursive: true, force: true });
  mkdirSync(join(chartFiles, 'as-they-are'), { recursive: true });
  for (const [name, from] of Object.entries(chartCopies())) {
    copyFileSync(join(manifests, from), join(chartFiles, name));
  }
  const [program, ...words] = renderCommand() ?? [];
  if (program === undefined) {
    process.stdout.write(
      'not rendered: infra/kubernetes; that needs kustomize 5 or a kubectl that has it\n',
    );
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
