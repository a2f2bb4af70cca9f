/** The figures of recovery: how long nobody ticks or decides, and how long the fold takes. */
import type { Figure } from '../report/figure.ts';

export const recoveredStages = ['windower', 'decider'] as const;
export type RecoveredStage = (typeof recoveredStages)[number];

/** A tick falls every 2 s: the next one may be that far away when the new owner is ready. */
const takeoverLimitMs = 5_000;

const takeover = (stage: RecoveredStage, says: string): Figure => ({
  id: `takeover-${stage}`,
  title: `${stage} killed → its next ${says} recorded, each partition`,
  unit: 'ms',
  bar: '≤ 3 s, and a tick (2 s)',
  knative: '',
  meets: ({ max }) => max <= takeoverLimitMs,
});

const refold = (stage: RecoveredStage, id: string, from: string): Figure => ({
  ...{ id: `refold-${stage}-${id}`, title: `${stage}: a partition recovered, ${from}` },
  ...{ unit: 'ms', bar: '', knative: '' },
});

export const recoveryFigures = {
  windowerTakeover: takeover('windower', 'tick'),
  deciderTakeover: takeover('decider', 'decision of a tick'),
  windowerKept: refold('windower', 'kept', 'from snapshot and Redis'),
  windowerBare: {
    ...refold('windower', 'bare', 'from the log alone'),
    bar: '≤ 3 s',
    meets: ({ max }) => max <= 3_000,
  },
  deciderKept: refold('decider', 'kept', 'from a snapshot'),
  deciderBare: refold('decider', 'bare', 'from the log alone'),
  replay: {
    id: 'replay-verify',
    title: '`flyball replay verify` of all of it, a process of its own',
    ...{ unit: 'ms', bar: '', knative: '' },
  },
} as const satisfies Record<string, Figure>;
