/** The actuator: owns partitions, and makes the platform ask for what was decided. */
import {
  type ActuatorCommand,
  type ActuatorEvent,
  type ActuatorInput,
  type ActuatorState,
  actuatorSnapshot,
  actuatorSnapshotVersion,
  actuator as actuatorStage,
  actuatorStateFrom,
  isActuatorCommand,
} from '@flyball/domain';
import { createLocalPlatform } from '@flyball/platform';
import {
  connectBus,
  createStageMetrics,
  defineService,
  type EffectfulStage,
  followStage,
  type Life,
  ownPartitions,
  secondsBuckets,
  sleep,
  type Tenure,
} from '@flyball/service';
import pLimit from 'p-limit';
import { Histogram } from 'prom-client';
import { carryOut } from './carry-out.ts';
import { actuatorConfig } from './config.ts';
import { followResourceVersions } from './resource-versions.ts';

/** Waiting tries and wakes are looked at this often. */
const timerMs = 50;

type ActuatorStage = EffectfulStage<ActuatorState, ActuatorInput, ActuatorEvent, ActuatorCommand>;

const stage: ActuatorStage = {
  stage: actuatorStage as ActuatorStage['stage'],
  ownPens: ['actions'],
  snapshotVersion: actuatorSnapshotVersion,
  isCommand: (output): output is ActuatorCommand => isActuatorCommand(output),
  toSnapshot: actuatorSnapshot,
  fromSnapshot: actuatorStateFrom,
};

const ring = async (life: Life, tenure: Tenure<ActuatorState, ActuatorInput>): Promise<void> => {
  tenure.feed({ type: 'CaughtUp', atMs: life.clock.nowMs() });
  while (!tenure.signal.aborted) {
    await sleep(life.clock, timerMs, tenure.signal);
    if (tenure.signal.aborted || tenure.state().waiting.size === 0) continue;
    tenure.feed({ type: 'TimerRang', atMs: life.clock.nowMs() });
  }
};

const createPatchSeconds = (life: Life) =>
  new Histogram({
    name: 'flyball_actuator_patch_seconds',
    help: "Time from a command to the platform's answer, its waiting for a turn included.",
    labelNames: ['command', 'result'] as const,
    buckets: secondsBuckets,
    registers: [life.metrics],
  });

export const actuator = defineService({
  name: 'actuator',
  configSchema: actuatorConfig,
  async start(config, life) {
    const { clock, logger } = life;
    const log = await connectBus(config, life);
    const platform = createLocalPlatform({ url: config.platformUrl, token: config.platformToken });
    life.onClose('platform', () => platform.close());
    const { versions, follow } = followResourceVersions(platform);
    const sight = life.readiness('platform');
    life.run('resource versions', (signal) => follow(signal, (ok, why) => sight.set(ok, why)));
    const metrics = createStageMetrics('actuator', life.metrics);
    const patchSeconds = createPatchSeconds(life);
    const onAnswer = (command: string, result: string, durationMs: number) =>
      patchSeconds.observe({ command, result }, durationMs / 1_000);
    const limit = pLimit(config.patchesMax);
    await ownPartitions({
      log,
      stage: 'actuator',
      life,
      run: (partition, signal, ownership) => {
        const carrying = { log, platform, versions, partition, ownership, clock, limit, onAnswer };
        return followStage({
          log,
          stage,
          partition,
          signal,
          isOwner: () => ownership.isHeld(),
          clock,
          logger,
          metrics,
          onLive: (tenure) => void ring(life, tenure).catch((error: unknown) => life.crash(error)),
          onCommand: (command, tenure) =>
            void carryOut(carrying, command, tenure).catch((error: unknown) => life.crash(error)),
        });
      },
    });
  },
});
