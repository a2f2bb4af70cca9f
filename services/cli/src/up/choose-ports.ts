/** The ports of one Flyball on this machine that its user may choose. */
import { OutsideError } from '@flyball/contracts';
import { assertPortFree, freePort } from './free-port.ts';

/** The console's, where nobody names one and nobody else has it. */
export const usualConsolePort = 8090;

export interface WantedPorts {
  readonly gatewayHost: string;
  /** 0 takes a free one. */
  readonly gatewayPort: number;
  /** Undefined: there is no console. */
  readonly console?: ConsoleWanted | undefined;
}

export interface ConsoleWanted {
  /** 0 takes a free one; undefined the usual one, or a free one where that is taken. */
  readonly port?: number | undefined;
}

export interface ChosenPorts {
  readonly gatewayPort: number;
  /** Undefined: there is no console. */
  readonly consolePort: number | undefined;
}

const chooseGatewayPort = async (host: string, port: number): Promise<number> => {
  await assertPortFree(host, port, '--port N');
  return port === 0 ? freePort() : port;
};

const loopback = '127.0.0.1';
const consoleOption = '--console-port N';

const isFree = async (port: number): Promise<boolean> => {
  try {
    await assertPortFree(loopback, port, consoleOption);
    return true;
  } catch (error) {
    if (error instanceof OutsideError) return false;
    throw error;
  }
};

const chooseConsolePort = async (
  { port }: ConsoleWanted,
  usual: number,
  gatewayPort: number,
): Promise<number> => {
  if (port === 0) return freePort();
  if (port === undefined) {
    return usual !== gatewayPort && (await isFree(usual)) ? usual : freePort();
  }
  // The gateway does not listen yet, so its port looks free.
  if (port === gatewayPort) {
    const message = `Port ${port} is the gateway's. Choose another one with ${consoleOption}.`;
    throw new OutsideError('PORT_IN_USE', message, { retriable: false });
  }
  await assertPortFree(loopback, port, consoleOption);
  return port;
};

/** Rejects with PORT_IN_USE, naming the option to change, where a named one cannot be had. */
export const choosePorts = async (
  { gatewayHost, gatewayPort: wantedPort, console: consoleWanted }: WantedPorts,
  usual: number = usualConsolePort,
): Promise<ChosenPorts> => {
  const gatewayPort = await chooseGatewayPort(gatewayHost, wantedPort);
  if (consoleWanted === undefined) return { gatewayPort, consolePort: undefined };
  return { gatewayPort, consolePort: await chooseConsolePort(consoleWanted, usual, gatewayPort) };
};
