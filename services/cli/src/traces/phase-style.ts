/** The colour of a span: by who does that part of the story. */
import { attributeNames, isPhase, type Phase } from '@flyball/telemetry';
import type { ReceivedSpan } from '@flyball/telemetry/sink';
import type { Style } from '../output/terminal.ts';

const styles: Readonly<Record<Phase, Style>> = {
  received: 'yellow',
  held: 'yellow',
  sample: 'yellow',
  fold: 'cyan',
  tick: 'cyan',
  decide: ['bold', 'cyan'],
  apply: 'green',
  'pod created': 'blue',
  'pod started': 'blue',
  'pod ready': 'blue',
  connect: 'magenta',
  'first byte': 'magenta',
  'last byte': 'magenta',
};

/** Undefined for a span that is not one of ours, such as a client's. */
export const phaseOf = ({ attributes }: Pick<ReceivedSpan, 'attributes'>): Phase | undefined => {
  const phase = attributes[attributeNames.phase];
  return isPhase(phase) ? phase : undefined;
};

/** Red for what went wrong. */
export const spanStyle = (span: ReceivedSpan): Style => {
  if (span.error !== null) return 'red';
  const phase = phaseOf(span);
  return phase === undefined ? 'dim' : styles[phase];
};
