/** Installs Debian packages without ever letting their services start. */
import { ask, installEnvironment, runQuietly, SetupError } from './command.mjs';
import { findProgram } from './places.mjs';
import { step } from './progress.mjs';

const APT_LIMIT_MS = 900_000;

/**
 * Debian starts a server when its package is installed, and at each boot. While policy-rc.d says
 * 101 nothing starts; a machine's own policy-rc.d is left alone. A service that came with this
 * install is disabled, so that nothing runs but what Flyball starts itself. What is there may do
 * where the lists of packages cannot be renewed.
 */
const script = `
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -o DPkg::Lock::Timeout=120 "$@"; }
failed=0
apt update -q || true
for package in "$@"; do
  apt install -y -q --no-install-recommends "$package" || failed=1
  if [ -d /run/systemd/system ]; then systemctl disable -q "$package" || true; fi
done
exit $failed
`;

const isRoot = () => process.getuid?.() === 0;

/** True when apt-get is here and we may use it without asking for a password. */
export function canUseApt() {
  if (findProgram('apt-get') === undefined) return false;
  return isRoot() || ask('sudo', ['-n', 'true']) !== undefined;
}

/**
 * Installs each package that can be had; which of them work is for the caller to see.
 * @param {readonly string[]} packages
 * @returns {Promise<string>} what was said where one of them failed, and '' where none did
 */
export async function installWithApt(packages) {
  const shell = ['sh', '-c', script, 'sh', ...packages];
  const [command = '', ...args] = isRoot() ? shell : ['sudo', '-n', ...shell];
  const options = {
    env: installEnvironment(),
    limitMs: APT_LIMIT_MS,
    named: `apt-get install ${packages.join(' ')}`,
  };
  try {
    await step(`${packages.join(', ')}, by apt-get`, () => runQuietly(command, args, options));
    return '';
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return error.message;
  }
}
