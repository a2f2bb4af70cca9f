/** How kinds of traces look, and phases of a cold start: by families of colour and their name. */
import { attributeNames, isPhase, type Phase } from '@flyball/telemetry/waterfall';
import type { TraceSpan, TraceSummary } from '../../../src/wire.ts';

export type PhaseFamily = 'request' | 'deciding' | 'pod' | 'answer' | 'other';

const families: Readonly<Record<Phase, PhaseFamily>> = {
  received: 'request',
  held: 'request',
  sample: 'deciding',
  fold: 'deciding',
  tick: 'deciding',
  decide: 'deciding',
  apply: 'pod',
  'pod created': 'pod',
  'pod started': 'pod',
  'pod ready': 'pod',
  connect: 'answer',
  'first byte': 'answer',
  'last byte': 'answer',
};

export const familyWords: Readonly<Record<PhaseFamily, string>> = {
  request: 'the request',
  deciding: 'deciding',
  pod: 'the pod',
  answer: 'the answer',
  other: 'other',
};

export const phaseOf = ({ attributes }: Pick<TraceSpan, 'attributes'>): Phase | null => {
  const phase = attributes[attributeNames.phase];
  return isPhase(phase) ? phase : null;
};

export const familyOf = (phase: Phase | null): PhaseFamily =>
  phase === null ? 'other' : families[phase];

/** Kinds with a sign of their own, so that a list is read at a glance. */
export const kindSigns: Readonly<Record<TraceSummary['kind'], string>> = {
  'cold start': '✻',
  decision: '▸',
  request: '→',
  other: '·',
};
