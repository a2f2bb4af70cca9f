/** `demo`: the whole story on this machine, told live; its exit code says whether it all held. */
import { join } from 'node:path';
import { duration } from '@flyball/reading';
import { type Context, exitCode } from '../context.ts';
import { clearFolder } from '../demo/clear-folder.ts';
import { comparison } from '../demo/comparison.ts';
import { explainChanges } from '../demo/explain-changes.ts';
import { firstRequestLines } from '../demo/first-request.ts';
import { createWarnings } from '../demo/policy-warnings.ts';
import { type Check, runScene, type SceneResult } from '../demo/run-scene.ts';
import {
  fastPace,
  realPace,
  repositoryRoot,
  type Scene,
  sampleWorkload,
  scenes,
} from '../demo/scene.ts';
import { connectPlatform, connectReader } from '../running.ts';
import type { Machine } from '../up/machine.ts';
import { replayVerify } from './replay-verify.ts';
import { leftoversSaid, startTelling } from './up.ts';

export interface DemoOptions {
  readonly fast: boolean;
  readonly commands?: string | undefined;
  readonly data: string;
  readonly port: number;
  readonly consolePort?: number | undefined;
  readonly console: boolean;
  readonly traces: boolean;
}

const say = ({ terminal }: Context, checks: readonly Check[]): void => {
  for (const { holds, text } of checks) {
    const mark = holds ? terminal.styled('green', '✓') : terminal.styled('red', '✗');
    terminal.line(`  ${mark} ${text}`);
  }
};

const tellResult = (context: Context, scene: Scene, result: SceneResult): void => {
  const { terminal } = context;
  terminal.line();
  if (scene === scenes[0]) terminal.line(comparison(result.load));
  terminal.line(terminal.styled('bold', '  Why each replica count:'));
  for (const line of explainChanges(terminal, result.decisions)) terminal.line(line);
  terminal.line();
  say(context, result.checks);
};

/** When it was answered, and where its time went. */
const tellFirstRequest = async (
  { terminal, signal }: Context,
  { run }: Machine,
  { coldStart }: SceneResult,
): Promise<void> => {
  if (coldStart === undefined) return;
  const tookMs = coldStart.data.lastByteAtMs - performance.timeOrigin;
  terminal.line(`\n  The first request was answered ${duration(tookMs)} after the start.`);
  if (run.consoleUrl === undefined || !run.traces) return;
  for (const line of await firstRequestLines(terminal, run.consoleUrl, coldStart, signal)) {
    terminal.line(`  ${line}`.trimEnd());
  }
  terminal.line(`\n  The same in a browser, while this goes on: ${run.consoleUrl}`);
};

const playAll = async (
  context: Context,
  machine: Machine,
  options: DemoOptions,
): Promise<readonly Check[]> => {
  const { terminal } = context;
  const log = await connectReader(machine);
  const platform = connectPlatform(machine);
  const checks: Check[] = [];
  const warningsOf = createWarnings(terminal);
  try {
    for (const scene of scenes) {
      terminal.line(terminal.styled(['bold', 'underline'], `\n${scene.title}`));
      terminal.line(`${scene.about}\n`);
      const result = await runScene(
        {
          context,
          run: machine.run,
          log,
          platform,
          pace: options.fast ? fastPace : realPace,
          commandsFile: options.commands,
          warningsOf,
        },
        scene,
      );
      tellResult(context, scene, result);
      if (scene === scenes[0]) await tellFirstRequest(context, machine, result);
      checks.push(...result.checks);
    }
  } finally {
    await Promise.all([log.close(), platform.close()]);
  }
  return checks;
};

/** `flyball demo`. */
export const demo = async (context: Context, options: DemoOptions): Promise<number> => {
  const { terminal } = context;
  // The samples' commands are paths within the repository.
  process.chdir(repositoryRoot);
  const data = join(options.data, 'demo');
  const ended = await clearFolder(data);
  if (ended.length > 0) terminal.note(leftoversSaid(ended));
  const machine = await startTelling(context, {
    file: [],
    strict: false,
    data,
    host: '127.0.0.1',
    port: options.port,
    domain: 'example.com',
    logLevel: 'info',
    consolePort: options.consolePort,
    console: options.console,
    traces: options.traces,
  });
  try {
    const checks = await playAll(context, machine, options);
    terminal.line(terminal.styled(['bold', 'underline'], '\nThe history, decided again'));
    const verified = await replayVerify(context, { data, workload: sampleWorkload });
    const all = checks.every(({ holds }) => holds) && verified === exitCode.ok;
    terminal.line();
    terminal.line(
      all
        ? terminal.styled(['bold', 'green'], 'It all held.')
        : terminal.styled(['bold', 'red'], 'Not all of it held; the lines with ✗ say what.'),
    );
    return all ? exitCode.ok : exitCode.no;
  } finally {
    terminal.note('Draining …');
    await machine.stop();
  }
};
