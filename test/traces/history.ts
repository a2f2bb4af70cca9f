/** Recorded histories: messages as they were stored, one a line, to the byte. */
import {
  type AnyEvent,
  chainOf,
  chainStart,
  type Decoded,
  decodeDeadLetter,
  decodeEvent,
  decodeSamples,
  type EventDefinition,
  encodeEvent,
  followsChain,
  minutesSubject,
  subjectOf,
} from '@flyball/contracts';
import type { Played } from './pipeline/play.ts';

export interface RecordedLine {
  readonly seq: number;
  readonly subject: string;
  /** The message's bytes, not parsed. */
  readonly body: string;
}

const linePattern = /^\{"seq":(\d+),"subject":"([^"]+)","body":(\{.*\})\}$/;

const lineText = ({ seq, subject, body }: RecordedLine): string =>
  `{"seq":${seq},"subject":${JSON.stringify(subject)},"body":${body}}\n`;

/** Reads a history; throws with `file:line` where a line is not one of ours. */
export const readHistory = (text: string, file: string): readonly RecordedLine[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      const found = linePattern.exec(line);
      if (found === null) throw new Error(`${file}:${index + 1} is not {"seq","subject","body"}`);
      const [, seq = '', subject = '', body = ''] = found;
      return { seq: Number(seq), subject, body };
    });

/** What a played story left in EVENTS and MINUTES, as it is stored: each subject with its chain. */
export const storedLines = ({ events: told, minutes }: Played): readonly RecordedLine[] => {
  const chains = new Map<string, string>();
  const store = (event: AnyEvent, subject: string, seq: number): RecordedLine => {
    const { body, chain } = encodeEvent(event, chains.get(subject) ?? chainStart);
    chains.set(subject, chain);
    return { seq, subject, body };
  };
  return [
    ...told.map((event) => store(event, subjectOf(event), event.seq)),
    ...minutes.flatMap((minute) => {
      const { workload, partition, seq } = minute;
      if (workload === undefined) return [];
      return [store(minute as AnyEvent, minutesSubject(partition, workload), seq)];
    }),
  ];
};

export const historyText = (lines: readonly RecordedLine[]): string => lines.map(lineText).join('');

/** A line of EVENTS or MINUTES; samples and dead letters are not history and have no chain. */
export const isEvent = ({ subject }: RecordedLine): boolean =>
  subject.startsWith('flyball.events.') || subject.startsWith('flyball.minutes.');

/** The lines at which a subject's chain is not whole: changed, missing before, or out of order. */
export const brokenLinks = (lines: readonly RecordedLine[]): readonly RecordedLine[] => {
  const chains = new Map<string, string>();
  return lines.filter(isEvent).filter(({ subject, body }) => {
    const whole = followsChain(chains.get(subject) ?? chainStart, body);
    chains.set(subject, chainOf(body) ?? '');
    return !whole;
  });
};

/** The CloudEvents type of a body without its version, and the version. */
const typeOf = (body: string): { readonly prefix: string; readonly version: number } => {
  const { type } = JSON.parse(body) as { type: string };
  const at = type.lastIndexOf('.v');
  return { prefix: type.slice(0, at), version: Number(type.slice(at + 2)) };
};

/** Reads a line as its readers do: upcast, then parsed. */
export const decodeLine = ({ seq, subject, body }: RecordedLine): Decoded => {
  if (subject.startsWith('flyball.samples.')) {
    return decodeSamples(body, subject, seq) as Decoded;
  }
  const isLetter = subject.startsWith('flyball.deadletters.');
  return isLetter ? decodeDeadLetter(body, subject, seq) : decodeEvent(body, subject, seq);
};

/** The published versions of events of which no line was recorded: `PodReady v1`. */
export const unrecordedVersions = (
  definitions: readonly Pick<EventDefinition, 'name' | 'typePrefix' | 'version'>[],
  lines: readonly RecordedLine[],
): readonly string[] => {
  const recorded = new Set(
    lines.map(({ body }) => {
      const { prefix, version } = typeOf(body);
      return `${prefix} v${version}`;
    }),
  );
  return definitions.flatMap(({ name, typePrefix, version: newest }) =>
    Array.from({ length: newest }, (_, index) => index + 1)
      .filter((version) => !recorded.has(`${typePrefix} v${version}`))
      .map((version) => `${name} v${version}`),
  );
};
