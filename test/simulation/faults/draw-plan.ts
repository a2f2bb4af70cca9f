/** Draws a run from a seed: its world, its story, and a mix of faults of its own. */
import { type WorkloadKey, workloadKey } from '@flyball/contracts';
import { type Fault, type Plan, type ScriptAct, shellNames, type WorkloadPlan } from '../plan.ts';
import { createRandom, type Random } from '../world/random.ts';
import { drawFaults } from './draw-faults.ts';

/** Faults are drawn for so long … */
const faultyMs = 18_000;
/**
 * … and then it must converge within this: the pause after a refusal, or until a clock that was
 * ahead is right again, and after it windows, grace and takeovers. Most rest far sooner.
 */
const calmMs = 50_000;

const annotation = (name: string): string => `autoscaling.knative.dev/${name}`;

const target = 10;
const wrongTarget = '-1';

const drawAnnotations = (random: Random): Record<string, string> => {
  const maxScale = random.pick([0, 0, 4, 8]);
  const minScale = random.chance(0.25) ? random.between(1, 2) : 0;
  const behaviour = random.chance(0.25) ? 'knative' : 'flyball';
  const annotations: Record<string, string> = {
    [annotation('class')]: 'kpa.autoscaling.knative.dev',
    [annotation('target')]: String(target),
    [annotation('target-utilization-percentage')]: '100',
    [annotation('window')]: '6s',
    [annotation('panic-window-percentage')]: random.pick(['20.0', '50.0']),
    [annotation('min-scale')]: String(minScale),
    [annotation('max-scale')]: String(maxScale),
    [annotation('initial-scale')]: random.pick(['0', '1', '2']),
    'flyball.dev/behaviour': behaviour,
  };
  if (random.chance(0.2)) annotations[annotation('scale-down-delay')] = '3s';
  if (random.chance(0.2)) annotations[annotation('target-burst-capacity')] = '0';
  if (random.chance(0.2)) annotations[annotation('activation-scale')] = '2';
  return annotations;
};

/** Half a pod away from every whole number of pods: no dead band lies in between. */
const steadyUsers = (random: Random): number =>
  random.chance(0.3) ? 0 : random.between(0, 2) * target + target / 2;

const drawPhases = (random: Random): WorkloadPlan['phases'] => {
  const phases = [{ atMs: random.between(1_000, 4_000), users: random.between(1, 30) }];
  for (let atMs = 4_000; ; ) {
    atMs += random.between(1_500, 7_000);
    if (atMs >= faultyMs) break;
    phases.push({ atMs, users: random.chance(0.35) ? 0 : random.between(1, 34) });
  }
  phases.push({ atMs: faultyMs, users: steadyUsers(random) });
  return phases;
};

const drawWorkload = (random: Random, workload: WorkloadKey): WorkloadPlan => {
  const serviceMsMin = random.between(150, 500);
  return {
    workload,
    serviceMsMin,
    serviceMsMax: serviceMsMin + random.between(0, 500),
    long: random.pick([0, 0, 0.02]),
    patienceMs: random.pick([3_000, 9_000]),
    phases: drawPhases(random),
  };
};

/**
 * Knative leaves a workload that begins at zero there until it is measured, whatever its least
 * scale becomes: where such a one ends depends on the requests that came before.
 */
const dependsOnTheWay = (annotations: Readonly<Record<string, string>>): boolean =>
  annotations['flyball.dev/behaviour'] === 'knative' &&
  annotations[annotation('initial-scale')] === '0';

const changedPolicy = (random: Random, apply: ScriptAct & { kind: 'apply' }): ScriptAct => {
  const annotations = { ...apply.annotations };
  const drawn = random.pick(['algorithm', 'max-scale', 'min-scale', 'window', 'wrong'] as const);
  const change = drawn === 'min-scale' && dependsOnTheWay(annotations) ? 'max-scale' : drawn;
  if (change === 'algorithm') annotations['flyball.dev/algorithm'] = '1';
  else if (change === 'max-scale') annotations[annotation('max-scale')] = '6';
  else if (change === 'min-scale') annotations[annotation('min-scale')] = '1';
  else if (change === 'window') annotations[annotation('window')] = '8s';
  else annotations[annotation('target')] = wrongTarget;
  return { ...apply, annotations, atMs: random.between(5_000, faultyMs - 1_000) };
};

const drawScript = (random: Random, workload: WorkloadKey): ScriptAct[] => {
  const apply = {
    kind: 'apply' as const,
    atMs: random.between(0, 1_000),
    workload,
    annotations: drawAnnotations(random),
    replicas: random.pick([0, 0, 1, 2]),
    containerConcurrency: random.pick([0, 0, 0, 10]),
  };
  const script: ScriptAct[] = [apply];
  if (random.chance(0.3)) script.push(changedPolicy(random, apply));
  else if (random.chance(0.15)) {
    const atMs = random.between(6_000, faultyMs - 4_000);
    script.push({ kind: 'delete', atMs, workload });
    script.push({ ...apply, atMs: atMs + random.between(300, 3_000) });
  }
  return script;
};

const drawReplicas = (random: Random): Plan['replicas'] => {
  const replicas = shellNames.map((shell) => [shell, random.chance(0.35) ? 2 : 1] as const);
  return Object.fromEntries(replicas) as Plan['replicas'];
};

/**
 * Settings that are refused leave the policy before them in force; once the log has forgotten that
 * policy, nobody can know it any more.
 */
const isUnrecoverable = (step: ScriptAct, faults: readonly Fault[]): boolean =>
  step.kind === 'apply' &&
  step.annotations[annotation('target')] === wrongTarget &&
  faults.some((fault) => fault.kind === 'lose tail' && fault.stream === 'EVENTS');

/** The run of a seed: always the same one. */
export const drawPlan = (seed: number): Plan => {
  const random = createRandom(seed, 'plan');
  const names = ['web', 'api', 'job'].slice(0, random.pick([1, 1, 2, 3]));
  const keys = names.map((name) => workloadKey('default', name));
  const workloads = keys.map((key) => drawWorkload(random, key));
  const config = { 'scale-to-zero-grace-period': '6s', 'allow-zero-initial-scale': 'true' };
  const script: ScriptAct[] = [{ kind: 'configure', atMs: 0, config }];
  for (const key of keys) script.push(...drawScript(random, key));
  const replicas = drawReplicas(random);
  const partitionCount = random.pick([1, 1, 1, 2]);
  const faults = drawFaults(random, { replicas, workloads: keys, untilMs: faultyMs });
  return {
    seed,
    partitionCount,
    checksFirst: random.pick(['fence', 'id']),
    replicas,
    waitingChangesMax: random.pick([3, 10_000]),
    keepEveryMs: random.pick([2_000, 5_000, 60_000]),
    workloads,
    script: script.filter((step) => !isUnrecoverable(step, faults)),
    faults,
    calmAtMs: faultyMs,
    endAtMs: faultyMs + calmMs,
    canary: 'none',
  };
};
