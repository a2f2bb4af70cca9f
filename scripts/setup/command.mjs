/** Runs the set-up's commands quietly: the end of their output is shown only when one fails. */
import { execFileSync, spawn } from 'node:child_process';
import { root } from './places.mjs';

const OUTPUT_KEPT_MAX = 4_000;
const QUESTION_LIMIT_MS = 10_000;

/** A step of the set-up failed; the message says what happened and what to do about it. */
export class SetupError extends Error {}

/**
 * Settings of the caller's npm that would change what a pinned install puts down.
 * Registry, proxy, certificate and credential settings are left as they are.
 */
const misleading = new RegExp(
  [
    '^npm_config_(global|location|.*prefix|omit|include|only|production|dev|optional|dry_run|',
    'ignore_scripts|package_lock.*|shrinkwrap|save.*|workspaces?|workspace_.*|force|node_options|',
    'include_workspace_root|script_shell|node_linker|loglevel|before|min_release_age)$',
  ].join(''),
  'i',
);

/**
 * The environment for installs: the caller's, without what would mislead them.
 * @returns {NodeJS.ProcessEnv}
 */
export function installEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !misleading.test(name) && name !== 'NODE_ENV' && name !== 'NODE_OPTIONS',
  );
  return Object.fromEntries(kept);
}

/**
 * Runs a command to its end. Ctrl-C ends it too.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, limitMs: number, named?: string }} options
 *   `named`: what the message of a failure calls it, where its arguments are a whole script
 * @returns {Promise<void>} rejects with a SetupError holding the last lines of output
 */
export function runQuietly(command, args, options) {
  const { env = installEnvironment(), limitMs, named = `${command} ${args.join(' ')}` } = options;
  return new Promise((done, refuse) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-OUTPUT_KEPT_MAX);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const stop = () => child.kill('SIGTERM');
    const timer = setTimeout(stop, limitMs);
    process.on('exit', stop);
    const finish = (/** @type {string} */ ending) => {
      clearTimeout(timer);
      process.off('exit', stop);
      if (ending === '') done();
      else refuse(new SetupError(`${named}: ${ending}\n${output.trim()}`));
    };
    child.once('error', (error) => finish(error.message));
    child.once('close', (code, signal) => {
      if (code === 0) finish('');
      else finish(signal === null ? `exit code ${code}` : `ended by ${signal}`);
    });
  });
}

/**
 * What a command prints, trimmed, or undefined when it cannot be run or fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} more environment, beside the caller's
 * @returns {string | undefined}
 */
export function ask(command, args, more = {}) {
  const env = { ...process.env, ...more };
  try {
    const stdio = ['ignore', 'pipe', 'ignore'];
    const options = { cwd: root, env, timeout: QUESTION_LIMIT_MS, stdio };
    return execFileSync(command, args, /** @type {any} */ (options))
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}
