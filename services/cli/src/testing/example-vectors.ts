/** Small vectors, derived by hand from the formulas: one workload's load, settings and life. */

export const prefix = 'autoscaling.knative.dev/';

const resolved = {
  metric: 'concurrency',
  algorithm: '',
  targetValue: 8,
  totalValue: 8,
  targetBurstCapacity: 20,
  activatorCapacity: 100,
  panicThreshold: 2,
  maxScaleUpRate: 1000,
  maxScaleDownRate: 2,
  stableWindowMs: 10_000,
  panicWindowMs: 1000,
  scaleDownDelayMs: 0,
  initialScale: 1,
  activationScale: 0,
  minScale: 0,
  maxScale: 4,
  reachable: true,
  initialExcessBurstCapacity: -12,
};

const atMs = (second: number): number => 1_800_000_000_000 + second * 1000;

const settings = {
  config: { 'container-concurrency-target-percentage': '100', 'target-burst-capacity': '20' },
  annotations: {
    [`${prefix}target`]: '8',
    [`${prefix}window`]: '10s',
    [`${prefix}max-scale`]: '4',
  },
  containerConcurrency: 0,
};

/** Three pods for 7 + 13 in flight in one second; five, bounded to four, for more. */
export const scaleVector = {
  name: 'two samples of one second',
  ...settings,
  startMs: atMs(0),
  readyPodsAtStart: 1,
  events: [
    { kind: 'sample', atMs: atMs(1), concurrency: 7, requestsPerSecond: 1 },
    { kind: 'sample', atMs: atMs(1) + 600, concurrency: 15, proxiedConcurrency: 2 },
    { kind: 'tick', atMs: atMs(2) },
    { kind: 'ready', atMs: atMs(3), pods: 3 },
    { kind: 'sample', atMs: atMs(3), concurrency: 80, requestsPerSecond: 1 },
    { kind: 'tick', atMs: atMs(4) },
    { kind: 'ready', atMs: atMs(5), error: 'the list is broken' },
    { kind: 'tick', atMs: atMs(6) },
    { kind: 'ready', atMs: atMs(7), error: 'NotFound' },
    { kind: 'tick', atMs: atMs(14) },
  ],
  expected: {
    resolved,
    panickingAtStart: false,
    ticks: [
      {
        atMs: atMs(2),
        readyPods: 1,
        valid: true,
        stable: 20,
        panic: 0,
        desiredPodCount: 3,
        boundedPodCount: 3,
        excessBurstCapacity: -12,
        numActivators: 2,
        panicking: false,
      },
      {
        atMs: atMs(4),
        readyPods: 3,
        valid: true,
        stable: 33.333333,
        panic: 0,
        desiredPodCount: 5,
        boundedPodCount: 4,
        excessBurstCapacity: 4,
        numActivators: 2,
        panicking: false,
      },
      { atMs: atMs(6), readyPods: null, valid: false, numActivators: 2, panicking: false },
      { atMs: atMs(14), readyPods: null, valid: false, numActivators: 2, panicking: false },
    ],
  },
};

export const resolveVector = {
  name: 'an annotation over the map',
  ...settings,
  expected: { resolved },
};

export const refusedResolveVector = {
  name: 'a map that is refused',
  config: { 'stable-window': '5s' },
  annotations: {},
  containerConcurrency: 0,
  expected: { error: 'stable-window = 5s, must be in [6s; 1h0m0s] range' },
};

export const configVectors = [
  {
    name: 'two values',
    config: { 'max-scale': '7', 'scale-to-zero-grace-period': '45s' },
    expected: { valid: true, resolved: { maxScale: 7, scaleToZeroGracePeriodMs: 45_000 } },
  },
  {
    name: 'a rate that does not grow',
    config: { 'max-scale-up-rate': '0.5' },
    expected: { valid: false, error: 'max-scale-up-rate = 0.5, must be greater than 1.0' },
  },
];

export const annotationsVector = {
  name: 'two faults',
  config: {},
  annotations: { [`${prefix}window`]: '2h', [`${prefix}initial-scale`]: '0' },
  expected: {
    valid: false,
    errors: [
      { message: 'not allowed', paths: [`${prefix}initial-scale=0 not allowed by cluster`] },
      { message: 'too long', paths: [`${prefix}window`] },
    ],
  },
};

const life = {
  scaleTargetInitialized: true,
  numActivators: 2,
  scrapes: true,
};

/** Up with two pods, idle, led through the activator, and gone after the grace of 5 s. */
export const lifecycleVector = {
  name: 'to zero',
  ...settings,
  config: { ...settings.config, 'scale-to-zero-grace-period': '5s' },
  reachable: true,
  progressDeadlineMs: 600_000,
  initial: {
    active: 'True',
    activeSinceMs: atMs(0),
    scaleTargetInitialized: true,
    replicas: 2,
    sksMode: 'Serve',
  },
  steps: [
    { atMs: atMs(1), desiredScale: 2, excessBurstCapacity: 3, pods: { ready: 2 } },
    { atMs: atMs(2), desiredScale: 0 },
    { atMs: atMs(10), probe: 'no' },
    { atMs: atMs(20) },
    { atMs: atMs(21), probe: 'yes', proxySinceMs: atMs(11), sksReady: false },
    { atMs: atMs(30), pods: { ready: 0 } },
  ],
  expected: {
    steps: [
      { second: 1, want: 2, actualScale: 2, patched: false, replicas: 2, active: 'True' },
      { second: 2, want: 1, actualScale: 2, patched: true, replicas: 1, active: 'True' },
      { second: 10, want: 0, actualScale: 2, patched: false, replicas: 1, active: 'False' },
      { second: 20, want: 0, actualScale: 2, patched: false, replicas: 1, active: 'False' },
      { second: 21, want: 0, actualScale: 2, patched: true, replicas: 0, active: 'False' },
      { second: 30, want: 0, actualScale: 0, patched: false, replicas: 0, active: 'False' },
    ].map(({ second, ...step }) => ({
      ...life,
      ...step,
      atMs: atMs(second),
      activeReason: step.active === 'True' ? '' : 'NoTraffic',
      activeSinceMs: step.active === 'True' ? atMs(0) : atMs(10),
      sksMode: step.active === 'True' ? 'Serve' : 'Proxy',
      requeueAfterMs: [1],
      syncProbes: 7,
      asyncProbes: 7,
    })),
  },
};
