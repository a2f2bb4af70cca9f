/** Tells a replay as a trace of its own, which links to what it decides again. */
import type { RecordedEvent, WorkloadKey } from '@flyball/contracts';
import { type Clock, systemClock } from '@flyball/service';
import {
  linksMax,
  type ReplayStory,
  replaySpans,
  replaySpansMax,
  startTelemetry,
} from '@flyball/telemetry';
import type { Context } from '../context.ts';
import type { VerifiedWorkload } from '../reading/verify-workload.ts';

/** What of a replay is told. */
export interface ReplayTelling {
  /** One workload's decisions were made again. */
  decided(events: readonly RecordedEvent[], verified: VerifiedWorkload): void;
  /** Sends it, within a limit; never rejects. */
  end(): Promise<void>;
}

export const silentReplay: ReplayTelling = {
  decided: () => undefined,
  end: async () => undefined,
};

type Linked = ReplayStory['decisions'][number];

/** More are not linked to, so they are not kept either. */
const linkedMax = replaySpansMax * linksMax;

const linkedIn = (events: readonly RecordedEvent[], { decisions }: VerifiedWorkload): Linked[] =>
  events
    .filter(({ type }) => type === 'Decided')
    // Those after them may have been made while this read, and are not judged.
    .slice(0, decisions)
    .map(({ id, traceparent }) => ({
      id,
      data: {},
      ...(traceparent === undefined ? {} : { traceparent }),
    }));

/** A sentence when the environment names an address that spans cannot be sent to. */
export const unusableTracesUrl = ({ FLYBALL_TRACES_URL: given = '' }: Context['env']) =>
  given === '' || /^https?:$/.test(URL.parse(given)?.protocol ?? '')
    ? undefined
    : `FLYBALL_TRACES_URL=${given}; allowed: http://HOST:PORT or https://HOST:PORT.`;

/** To whom OTEL_* or FLYBALL_TRACES_URL of the environment name; nobody where they name none. */
export const startReplayTelling = async (
  workload: WorkloadKey | undefined,
  { env, terminal }: Pick<Context, 'env' | 'terminal'>,
  clock: Clock = systemClock,
): Promise<ReplayTelling> => {
  const startMs = clock.nowMs();
  const id = `${process.pid}:${startMs}`;
  const tracesUrl = env.FLYBALL_TRACES_URL ?? '';
  const onTrouble = (sentence: string): void => terminal.note(sentence);
  const to = { service: 'replay', instance: String(process.pid), tracesUrl, env, onTrouble };
  const telemetry = await startTelemetry(to);
  if (!telemetry.isOn) return silentReplay;
  const decisions: Linked[] = [];
  let [more, differences] = [0, 0];
  return {
    decided: (events, verified) => {
      const linked = linkedIn(events, verified);
      const kept = linked.slice(0, linkedMax - decisions.length);
      decisions.push(...kept);
      more += linked.length - kept.length;
      differences += verified.differences.length;
    },
    end: async () => {
      const story = { id, workload: workload ?? null, decisions, more, differences };
      const spans = replaySpans({ ...story, startMs, endMs: clock.nowMs() });
      for (const span of spans) telemetry.tell(span);
      await telemetry.close();
    },
  };
};
