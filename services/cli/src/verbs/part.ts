/** `part`: one part of a Flyball on this machine, for a supervisor such as Tilt or systemd. */
import { type Context, exitCode } from '../context.ts';
import { readPartPorts } from '../up/part-ports.ts';
import { type PartName, runPart } from '../up/parts.ts';

export interface PartVerbOptions {
  readonly name: PartName;
  readonly data: string;
  /** The file of the ports. */
  readonly ports: string;
  readonly domain: string;
  readonly logLevel: string;
}

/** `flyball part NAME`: exit code 0 when done or told to end, 69 when it ended by itself. */
export const part = async (
  { terminal, env, signal }: Context,
  { name, ports: portsFile, ...options }: PartVerbOptions,
): Promise<number> => {
  const ports = await readPartPorts(portsFile);
  const ended = await runPart(name, { ...options, ports, env, signal });
  if (ended === 0 || signal.aborted) return exitCode.ok;
  const how = typeof ended === 'number' ? `with exit code ${ended}` : `by ${ended}`;
  terminal.note(`${name} ended ${how}`, 'red');
  return exitCode.outside;
};
