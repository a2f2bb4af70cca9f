/** The whole system in one process and in virtual time: shells, bus, windows, platform, clients. */

import { OutsideError } from '@flyball/contracts';
import { type MemoryServer, startMemoryServer } from '@flyball/event-log';
import { beginLife, type Living } from '@flyball/service';
import { VirtualTime } from '@flyball/service/testing';
import { createMemoryWindows, type MemoryWindows } from '@flyball/window-store';
import { type Logger, pino } from 'pino';
import type { Plan, ShellName } from '../plan.ts';
import { shellNames } from '../plan.ts';
import { Clients } from './clients.ts';
import { openGateway } from './gateway.ts';
import { type Observer, openObserver } from './observer.ts';
import { Pods } from './pods.ts';
import { epochMs, Process } from './process.ts';
import { createRandom, type Random } from './random.ts';
import { type Connected, startShell } from './shells.ts';
import { simulatedLog, splitBucket } from './simulated-log.ts';
import { simulatedPlatform, simulatedWindows } from './simulated-outside.ts';
import { Weather } from './weather.ts';

/** A process that died is started again after this time, at the earliest and at the latest. */
const restartMs = { least: 200, most: 1_500 } as const;
/** As the servers do by default. */
const duplicateWindowMs = 120_000;

/** A place in which a shell runs, again and again. */
export interface Slot {
  readonly name: string;
  readonly shell: ShellName;
  /** Its owner does not see the leases of the others. */
  readonly rival: boolean;
  process: Process;
  living: Living | undefined;
  connected: Connected | undefined;
  boots: number;
  /** Not started again. */
  retired: boolean;
}

const silent = pino({ level: 'silent' });

export interface WorldOptions {
  readonly logger?: (process: Process) => Logger;
}

export class World {
  readonly plan: Plan;
  readonly time = new VirtualTime();
  readonly weather: Weather;
  readonly server: MemoryServer;
  readonly windows: MemoryWindows = createMemoryWindows();
  readonly pods: Pods;
  readonly observer: Observer;
  readonly clients: Clients;
  readonly slots = new Map<string, Slot>();
  /** Bugs: what ended a process and was nobody else's fault. */
  readonly bugs: string[] = [];
  windowsAway = false;
  readonly #serverMs = (): number => epochMs + Math.floor(this.time.nowMs);
  readonly #random: Random;
  readonly #options: WorldOptions;

  constructor(plan: Plan, options: WorldOptions = {}) {
    this.plan = plan;
    this.#options = options;
    const { seed, partitionCount, checksFirst, canary } = plan;
    this.#random = createRandom(seed, 'world');
    this.weather = new Weather({
      time: this.time,
      random: createRandom(seed, 'weather'),
      onKilled: (process) => this.#killed(process),
    });
    this.server = startMemoryServer({
      nowMs: this.#serverMs,
      partitionCount,
      checksFirst,
      faults: () => this.weather.appendFault(),
      duplicateWindowMs: canary === 'no-dedupe' ? 0 : duplicateWindowMs,
    });
    this.pods = new Pods(this.time, createRandom(seed, 'pods'), plan.waitingChangesMax);
    this.observer = openObserver(this.server, () => this.time.nowMs);
    this.clients = new Clients(this.time, createRandom(seed, 'clients'), plan.workloads);
    for (const shell of shellNames) {
      for (let n = 1; n <= plan.replicas[shell]; n += 1)
        this.addSlot(`${shell}-${n}`, shell, false);
    }
  }

  addSlot(name: string, shell: ShellName, rival: boolean): void {
    const process = new Process(name, this.time, 0);
    const connected = undefined;
    const slot = { name, shell, rival, process, living: undefined, connected, boots: 0 };
    this.slots.set(name, { ...slot, retired: false });
    this.#boot(name);
  }

  /** Kills what runs in the slot; it is started again, unless it is to be retired. */
  kill(name: string, retire = false): void {
    const slot = this.slots.get(name);
    if (slot === undefined) return;
    slot.retired ||= retire;
    if (slot.process.isAlive) this.#killed(slot.process);
  }

  /** Ends what runs in the slot in order, and starts it again. */
  drain(name: string): void {
    const slot = this.slots.get(name);
    if (slot?.living === undefined || !slot.process.isAlive) return;
    const { living, process } = slot;
    void living.drain().then(() => {
      if (process.isAlive) this.#killed(process);
    });
  }

  #killed(process: Process): void {
    const slot = this.slots.get(process.name);
    process.kill();
    if (slot?.process !== process) return;
    slot.connected?.gateway?.cut();
    if (slot.connected?.gateway !== undefined) {
      this.observer.noteActivatorEnd(slot.living?.life.incarnation ?? '');
      this.clients.lost(slot.connected.gateway);
    }
    slot.living = undefined;
    slot.connected = undefined;
    if (slot.retired) return;
    const delayMs = this.#random.between(restartMs.least, restartMs.most);
    this.time.after(delayMs, () => this.#boot(slot.name));
  }

  #boot(name: string): void {
    const slot = this.slots.get(name);
    if (slot === undefined || slot.retired) return;
    slot.boots += 1;
    const process = new Process(name, this.time, slot.process.skewMs);
    const random = createRandom(this.plan.seed, `${name}#${slot.boots}`);
    const living = beginLife({
      service: slot.shell,
      instance: name,
      // Whoever is killed here is dead when the next one of its name begins.
      isSole: true,
      logger: this.#options.logger?.(process) ?? silent,
      clock: process.clock,
      random: random.next,
      onCrash: (error) => this.#crashed(process, error),
    });
    slot.process = process;
    slot.living = living;
    slot.connected = this.#connect(slot, process);
    startShell(slot.shell, living.life, slot.connected, this.plan.keepEveryMs)
      .then((activator) => {
        if (activator === undefined || slot.process !== process) return;
        const gateway = openGateway(process, activator, this.pods);
        if (slot.connected !== undefined) slot.connected.gateway = gateway;
        const { incarnation } = living.life;
        this.observer.noteActivator(incarnation, gateway);
        this.clients.found(gateway);
      })
      .catch((error: unknown) => this.#crashed(process, error));
  }

  #connect(slot: Slot, process: Process): Connected {
    const { weather, time, server } = this;
    const road = { process, weather, time, canary: this.plan.canary };
    const link = server.connect();
    const { partitionCount } = this.plan;
    const own = startMemoryServer({ partitionCount, nowMs: this.#serverMs }).connect().leases;
    const leases = slot.rival ? splitBucket(link.leases, own, `${slot.shell}.`) : link.leases;
    return {
      link,
      log: simulatedLog(road, link, leases),
      platform: simulatedPlatform(road, this.pods.platform, (...written) =>
        this.observer.noteScaled(...written),
      ),
      windows: simulatedWindows(road, this.windows.open(), () => this.windowsAway),
      process,
      pods: this.pods,
      gateway: undefined,
    };
  }

  /** What is nobody's bug ends the process all the same; its supervisor starts it again. */
  #crashed(process: Process, error: unknown): void {
    if (!process.isAlive) return;
    if (!(error instanceof OutsideError)) {
      const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.bugs.push(`${process.name} at ${Math.round(this.time.nowMs)} ms: ${said}`);
    }
    this.#killed(process);
  }
}
