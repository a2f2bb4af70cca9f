/** The `flyball` command: parses its arguments, runs a verb, ends with its exit code. */
import { OutsideError } from '@flyball/contracts';
import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { addReadingCommands } from './commands/reading.ts';
import { addRunningCommands } from './commands/running.ts';
import { refuseUnknownVerb } from './commands/unknown-verb.ts';
import { exitCode, type Run } from './context.ts';
import { isInterruption } from './interruption.ts';
import { watchOutput } from './output/output-end.ts';
import { readInput } from './output/standard-input.ts';
import { createTerminal, type Terminal } from './output/terminal.ts';

const sayError = (terminal: Terminal, error: unknown): number => {
  if (error instanceof OutsideError) {
    terminal.note(error.message, 'red');
    return exitCode.outside;
  }
  terminal.note('This is a mistake in Flyball, please report it:', 'red');
  terminal.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return exitCode.bug;
};

/** npm and pnpm pass on a Ctrl-C that the terminal has sent us already: not a second one. */
const sameSignalMs = 1_500;

/** The first signal asks the verb to end in order; a later one ends at once. */
const abortOnSignals = (controller: AbortController): void => {
  let abortedAtMs = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const { aborted } = controller.signal;
      const isLater = performance.now() - abortedAtMs > sameSignalMs;
      if (aborted && isLater) process.exit(exitCode.interrupted);
      if (!aborted) abortedAtMs = performance.now();
      controller.abort();
    });
  }
};

/** A mistake in a verb's options points to the help of that verb. */
const pointToHelp = (command: Command, name: string): void => {
  command.showHelpAfterError(`(${name} --help shows what there is)`);
  for (const verb of command.commands) pointToHelp(verb, `${name} ${verb.name()}`);
};

const createProgram = (run: Run): Command => {
  const program = new Command('flyball')
    .exitOverride()
    .description('Scales Deployments by their requests, and can explain every replica count.')
    .version(packageJson.version, '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `
Without flyball on PATH, run \`npm run flyball -- VERB\` in the repository for \`flyball VERB\`.

First steps:
  flyball demo --fast                         the whole story in a minute
  flyball up -f samples/deployment.yaml       your own workloads, until Ctrl-C
  curl -H 'Host: NAME.default.example.com' http://127.0.0.1:8080/
  flyball explain default/NAME                why it has this many replicas
  flyball trace latest                        where the time of a request went`,
    );
  addRunningCommands(program, run);
  addReadingCommands(program, run);
  pointToHelp(program, 'flyball');
  return program;
};

const { stdin, stdout, stderr, env } = process;
const terminal = createTerminal({ stdout, stderr, noColor: Boolean(env.NO_COLOR) });
const ending = new AbortController();
/** How the results could not be written; that is then the exit code, whatever the verb says. */
let lostOutput: number | undefined;

watchOutput(process, {
  unread: () => {
    lostOutput = exitCode.ok;
    ending.abort();
  },
  failed: (error) => {
    terminal.note(`The results cannot be written: ${error.message}`, 'red');
    lostOutput = exitCode.outside;
    // The verb may have ended by now: what it wrote last is written behind it.
    process.exitCode = lostOutput;
    ending.abort();
  },
});

const run: Run = async (verb) => {
  const { signal } = ending;
  abortOnSignals(ending);
  let code: number;
  try {
    code = await verb({ terminal, env, signal, input: () => readInput(stdin, signal) });
  } catch (error) {
    code = isInterruption(error, signal) ? exitCode.interrupted : sayError(terminal, error);
  }
  process.exitCode = lostOutput ?? code;
};

const program = createProgram(run);
try {
  refuseUnknownVerb(program, process.argv.slice(2));
  await program.parseAsync(process.argv);
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? exitCode.ok : exitCode.usage;
}
