/** Kustomize, Helm and the kinds of ingress controllers: what manifests are checked with. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ask, installEnvironment, runQuietly, SetupError } from './command.mjs';
import { findProgram, tools, toolsBin } from './places.mjs';
import { step, warn } from './progress.mjs';

const HELM_VERSION = '3.22.0';
const KUSTOMIZE_VERSION = '5.7.1';
/** Earlier ones do not know all that our kustomizations say; Debian's kubectl has 2.0. */
const KUSTOMIZE_MAJOR_MIN = 5;
const BUILD_LIMIT_MS = 900_000;
const DOWNLOAD_LIMIT_MS = 120_000;
const RETRY_AFTER_MS = 3_600_000;

const failureFile = join(tools, 'manifest-tools.failed');
const builtHelm = join(toolsBin, 'helm');
const builtKustomize = join(toolsBin, 'kustomize');

/** Modules of Go that hold definitions of kinds, and which of their files we take. */
const kinds = [
  {
    module: 'sigs.k8s.io/gateway-api@v1.6.3',
    files: {
      'gateways.yaml': 'config/crd/standard/gateway.networking.k8s.io_gateways.yaml',
      'http-routes.yaml': 'config/crd/standard/gateway.networking.k8s.io_httproutes.yaml',
    },
  },
  {
    module: 'istio.io/api@v1.31.1',
    files: { 'istio.yaml': 'kubernetes/customresourcedefinitions.gen.yaml' },
  },
];
const kindsFolder = join(tools, 'kinds');

const isRecent = (/** @type {string | undefined} */ said) =>
  Number(/v(\d+)\./.exec(said ?? '')?.[1] ?? 0) >= KUSTOMIZE_MAJOR_MIN;

/** @returns {string[] | undefined} the command that renders a folder; undefined: there is none */
export function renderCommand() {
  const own = [findProgram('kustomize'), builtKustomize].find(
    (path) => path !== undefined && existsSync(path) && isRecent(ask(path, ['version'])),
  );
  if (own !== undefined) return [own, 'build'];
  const kubectl = findProgram('kubectl');
  const said = kubectl === undefined ? undefined : ask(kubectl, ['version', '--client']);
  const within = /Kustomize Version: (\S+)/.exec(said ?? '')?.[1];
  return kubectl !== undefined && isRecent(within) ? [kubectl, 'kustomize'] : undefined;
}

/** @returns {string | undefined} the path of helm */
const findHelm = () => findProgram('helm') ?? (existsSync(builtHelm) ? builtHelm : undefined);

const hasPrograms = () => findHelm() !== undefined && renderCommand() !== undefined;
const hasKinds = () =>
  kinds.every(({ files }) =>
    Object.keys(files).every((name) => existsSync(join(kindsFolder, name))),
  );

const failedLately = () =>
  existsSync(failureFile) && Date.now() - statSync(failureFile).mtimeMs < RETRY_AFTER_MS;

/** True when all is there, or could not be made a short while ago. */
export function manifestToolsReady() {
  return failedLately() || (hasKinds() && hasPrograms());
}

/**
 * @param {string} go
 * @param {string} name
 * @param {string} module
 */
async function buildTool(go, name, module) {
  const env = { ...installEnvironment(), GOBIN: toolsBin, GOFLAGS: '', CGO_ENABLED: '0' };
  await step(`${name}, built by Go (1 to 5 minutes, once)`, () =>
    runQuietly(go, ['install', '-ldflags=-s -w', module], { env, limitMs: BUILD_LIMIT_MS }),
  );
}

/** @param {string} go */
async function fetchKinds(go) {
  const env = { ...installEnvironment(), GOFLAGS: '' };
  mkdirSync(kindsFolder, { recursive: true });
  for (const { module, files } of kinds) {
    await step(`${module}, for its kinds`, () =>
      runQuietly(go, ['mod', 'download', module], { env, limitMs: DOWNLOAD_LIMIT_MS }),
    );
    const cache = ask(go, ['env', 'GOMODCACHE']);
    for (const [name, path] of Object.entries(files)) {
      // Modules are read-only; a copy has to be replaced one day.
      writeFileSync(join(kindsFolder, name), readFileSync(join(cache ?? '', module, path)));
    }
  }
}

/** Makes what is missing; where that cannot be done one line says so, and tests are skipped. */
export async function installManifestTools() {
  const go = findProgram('go');
  try {
    if (go === undefined) throw new SetupError('no Go found');
    if (findHelm() === undefined) {
      await buildTool(go, 'helm', `helm.sh/helm/v3/cmd/helm@v${HELM_VERSION}`);
    }
    if (renderCommand() === undefined) {
      const module = `sigs.k8s.io/kustomize/kustomize/v5@v${KUSTOMIZE_VERSION}`;
      await buildTool(go, 'kustomize', module);
    }
    if (!hasKinds()) await fetchKinds(go);
    rmSync(failureFile, { force: true });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    mkdirSync(dirname(failureFile), { recursive: true });
    writeFileSync(failureFile, `${error.message}\n`);
    const why = readFileSync(failureFile, 'utf8').split('\n')[0];
    warn(`Manifests, the chart and samples of ingresses are not all checked: ${why}`);
  }
}
