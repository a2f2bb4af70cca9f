/** `up`: everything on this machine in the foreground, until Ctrl-C. */
import { workloadKey } from '@flyball/contracts';
import { hostOfWorkload } from '@flyball/domain';
import { duration } from '@flyball/reading';
import { type Context, exitCode, untilAborted } from '../context.ts';
import { shellQuoted } from '../output/shell-quoted.ts';
import { connectPlatform } from '../running.ts';
import { usualConsolePort } from '../up/choose-ports.ts';
import type { RunRecord } from '../up/data-folder.ts';
import { type Machine, type MachineEvent, type StartStage, startMachine } from '../up/machine.ts';
import { applyManifests, checkFiles } from './apply.ts';
import type { FilesRead } from './read-files.ts';

export interface UpOptions {
  readonly file: readonly string[];
  readonly commands?: string | undefined;
  readonly strict: boolean;
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly domain: string;
  readonly logLevel: string;
  /** Undefined: 8090, or a free one where that is taken. */
  readonly consolePort?: number | undefined;
  /** False: no console, and so nothing that keeps traces. */
  readonly console: boolean;
  readonly traces: boolean;
}

/** What was ended before anything was started. */
export const leftoversSaid = (names: readonly string[]): string =>
  `ended what an earlier run left: ${names.join(', ')}`;

const describe = (event: MachineEvent): string | undefined => {
  switch (event.kind) {
    case 'leftovers':
      return leftoversSaid(event.names);
    case 'streams':
      return 'streams and buckets are there';
    case 'ready':
      return `${event.name} is ready`;
    case 'exited':
      return `${event.name} ${event.how}`;
    case 'disk full':
      return `there is no space left in ${event.folder}: ${event.name} cannot write. Free some`;
    case 'disk has room':
      return `there is space again: ${event.name}, which could not write, is started again`;
    case 'started':
      return undefined;
  }
};

/** How `up` and `all` differ. */
export interface RunOptions {
  readonly startStage?: StartStage;
  /** Rejects when a stage in this process has a bug. */
  readonly crashed?: Promise<never>;
}

/** Starts the machine and tells how it goes on stderr. */
export const startTelling = (
  { terminal, env }: Context,
  options: UpOptions,
  { startStage }: RunOptions = {},
): Promise<Machine> =>
  startMachine({
    data: options.data,
    gatewayHost: options.host,
    gatewayPort: options.port,
    domain: options.domain,
    logLevel: options.logLevel,
    env,
    console: options.console ? { port: options.consolePort } : undefined,
    traces: options.traces,
    ...(startStage === undefined ? {} : { startStage }),
    tell: (event) => {
      const text = describe(event);
      if (text !== undefined) terminal.note(text, 'dim');
    },
  });

/** Where the console is, and that it is not where it usually is, if nobody asked for that. */
export const consoleSaid = (
  { consoleUrl = '', traces }: Pick<RunRecord, 'consoleUrl' | 'traces'>,
  { consolePort }: Pick<UpOptions, 'consolePort'>,
): string => {
  const isUsual = URL.parse(consoleUrl)?.port === String(usualConsolePort);
  const elsewhere =
    consolePort === undefined && !isUsual
      ? [`port ${usualConsolePort} was taken; --console-port N names one`]
      : [];
  const said = [traces ? 'also: flyball trace' : 'without traces', ...elsewhere];
  return `${consoleUrl}   (${said.join('; ')})`;
};

const sayUrls = (
  { terminal }: Context,
  { run, data, secrets }: Machine,
  { options, tookMs }: { readonly options: UpOptions; readonly tookMs: number },
): void => {
  const { domain } = run;
  terminal.line();
  terminal.line(`${terminal.styled('bold', 'Flyball is up')} after ${duration(tookMs)}.`);
  terminal.line(`  gateway    ${run.gatewayUrl}   (Host: <name>.<namespace>.${domain})`);
  if (run.consoleUrl !== undefined) terminal.line(`  console    ${consoleSaid(run, options)}`);
  terminal.line(`  NATS       ${run.natsUrl}   (user reader, password ${secrets.nats.reader})`);
  terminal.line(`  data       ${data.path}   (logs in logs/, of pods in node/pods/)`);
  for (const [service, url] of Object.entries(run.healthUrls)) {
    terminal.line(`  ${service.padEnd(10)} ${url}/metrics`);
  }
  terminal.line();
  terminal.line(
    `In another terminal: npm run flyball -- get --watch --data ${shellQuoted(data.path)}`,
  );
  terminal.line('Ctrl-C drains and ends everything.');
};

/** How the first of the workloads is reached: one is enough to show how all are. */
export const firstRequest = (
  { domain, gatewayUrl }: Pick<RunRecord, 'domain' | 'gatewayUrl'>,
  { manifests }: Pick<FilesRead, 'manifests'>,
): string | undefined => {
  const first = manifests.find(({ kind }) => kind !== 'ConfigMap');
  if (first === undefined) return undefined;
  const host = hostOfWorkload(workloadKey(first.namespace, first.name), domain);
  return `A request to it: curl -H 'Host: ${host}' ${gatewayUrl}/`;
};

/** Checks the files, starts everything, applies them, and stays until Ctrl-C. */
export const runMachine = async (
  context: Context,
  options: UpOptions,
  how: RunOptions = {},
): Promise<number> => {
  const files = await checkFiles(context, options);
  if (files === undefined) return exitCode.no;
  const begunAtMs = performance.now();
  const machine = await startTelling(context, options, how);
  try {
    sayUrls(context, machine, { options, tookMs: performance.now() - begunAtMs });
    const platform = connectPlatform(machine);
    const { terminal } = context;
    await applyManifests(platform, files, (object, how) =>
      terminal.line(`${object} ${how}`),
    ).finally(() => platform.close());
    const request = firstRequest(machine.run, files);
    if (request !== undefined) terminal.line(request);
    await Promise.race([untilAborted(context.signal), how.crashed].filter(Boolean));
  } finally {
    context.terminal.note('Draining …');
    await machine.stop();
    context.terminal.note('Ended.');
  }
  return exitCode.ok;
};

/** `flyball up`. */
export const up = (context: Context, options: UpOptions): Promise<number> =>
  runMachine(context, options);
