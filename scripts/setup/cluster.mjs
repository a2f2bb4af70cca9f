/** Installs the small programs with which tests run a cluster on this machine. */
import { canUseApt, installWithApt } from './apt.mjs';
import { findProgram } from './places.mjs';
import { warn } from './progress.mjs';

/** Program → the Debian package that has it. */
const packageOf = {
  ip: 'iproute2',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  kubectl: 'kubernetes-client',
};

const missingPrograms = () =>
  Object.keys(packageOf).filter((program) => findProgram(program) === undefined);

/** True when nothing is missing, and where nothing could be done about it. */
export const clusterReady = () =>
  process.platform !== 'linux' || missingPrograms().length === 0 || !canUseApt();

/** Installs what is missing; the tests themselves say what they cannot do without the rest. */
export async function installClusterPrograms() {
  const wanted = missingPrograms().map(
    (program) => packageOf[/** @type {keyof typeof packageOf} */ (program)],
  );
  const names = [...new Set(wanted)];
  await installWithApt(names);
  const missing = missingPrograms();
  if (missing.length > 0) warn(`not available: ${missing.join(', ')}`);
}
