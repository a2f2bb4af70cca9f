/** Where the time of one cold start went: from the request's coming to its last byte, in phases. */
import type { EventDataByName } from '@flyball/contracts';

export type ColdStartMoments = EventDataByName['ColdStartCompleted'];

/** What a phase ends with, in the order in which one must follow the other. */
export const coldStartPhaseNames = [
  'sample',
  'decide',
  'apply',
  'pod created',
  'pod started',
  'pod ready',
  'connect',
  'first byte',
  'last byte',
] as const;

export type ColdStartPhaseName = (typeof coldStartPhaseNames)[number];

export interface ColdStartPhase {
  readonly name: ColdStartPhaseName;
  /** UTC milliseconds; where the phase before it ended. */
  readonly fromMs: number;
  /** Never before `fromMs`. */
  readonly toMs: number;
  /** `toMs - fromMs`. */
  readonly ms: number;
}

type Moment = Exclude<keyof ColdStartMoments, 'pod' | 'receivedAtMs' | 'status' | 'waited'>;

const endOf = {
  sample: 'sampledAtMs',
  decide: 'decidedAtMs',
  apply: 'appliedAtMs',
  'pod created': 'podAppearedAtMs',
  'pod started': 'podAddressKnownAtMs',
  'pod ready': 'podReadyAtMs',
  connect: 'connectedAtMs',
  'first byte': 'firstByteAtMs',
  'last byte': 'lastByteAtMs',
} as const satisfies Record<ColdStartPhaseName, Moment>;

interface Ending {
  readonly name: ColdStartPhaseName;
  readonly atMs: number;
}

/**
 * False of a moment that took none of the time: one before the request, and a pod that is called
 * ready when it was connected to already, as the gateway does not wait for that word.
 */
const wasAwaited = ({ name, atMs }: Ending, moments: ColdStartMoments): boolean => {
  if (atMs < moments.receivedAtMs) return false;
  return name !== 'pod ready' || moments.connectedAtMs === null || atMs <= moments.connectedAtMs;
};

/** The moments that are known; each no later than those that must follow it. */
const endingsOf = (moments: ColdStartMoments): Ending[] => {
  const known = coldStartPhaseNames.flatMap((name): Ending[] => {
    const atMs = moments[endOf[name]];
    return atMs === null ? [] : [{ name, atMs }];
  });
  let latestMs = Number.POSITIVE_INFINITY;
  return known
    .toReversed()
    .map((ending) => {
      // Of no length: it ends where the phase before it does.
      if (!wasAwaited(ending, moments)) return { ...ending, atMs: Number.NEGATIVE_INFINITY };
      latestMs = Math.min(latestMs, ending.atMs);
      return { ...ending, atMs: latestMs };
    })
    .toReversed();
};

/**
 * The way of the followed request, cut into consecutive phases: the first begins when the request
 * came, the last ends with its last byte, and together they are exactly that time. A moment that is
 * not known has no phase: its time is in the next one. Moments of other machines, whose clocks
 * differ, are clipped to what must have been before and after them; such a phase may take 0 ms.
 */
export const coldStartPhases = (moments: ColdStartMoments): readonly ColdStartPhase[] => {
  let fromMs = moments.receivedAtMs;
  return endingsOf(moments).map(({ name, atMs }) => {
    const toMs = Math.max(fromMs, atMs);
    const phase = { name, fromMs, toMs, ms: toMs - fromMs };
    fromMs = toMs;
    return phase;
  });
};
