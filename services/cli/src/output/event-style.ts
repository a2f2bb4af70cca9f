/** The colour of each kind of event. */
import type { AnyEvent, EventName } from '@flyball/contracts';
import type { Style } from './terminal.ts';

const alarming: ReadonlySet<EventName> = new Set<EventName>([
  'PolicyRefused',
  'ScaleFailed',
  'RoutingFailed',
  'RequestsLost',
  'PlatformUnseen',
  'LogTruncated',
  'DeadLettered',
]);

/** The colour of an event's kind; red for what should not happen. */
export const eventStyle = ({ type, pen }: AnyEvent): Style => {
  if (alarming.has(type)) return 'red';
  switch (pen) {
    case 'decisions':
      return ['bold', 'cyan'];
    case 'actions':
      return 'green';
    case 'policy':
      return 'magenta';
    case 'platform':
      return 'blue';
    case 'requests':
    case 'lost':
      return 'yellow';
    case 'ticks':
    case 'progress':
    case 'incidents':
    case 'minutes':
    case 'samples':
    case 'deadLetters':
    case 'answers':
      return 'dim';
  }
};
