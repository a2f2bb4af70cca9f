/** The workloads that are looked at: each is read once, and then only what is new. */
import { OutsideError, type WorkloadKey } from '@flyball/contracts';
import { isRecorded, type Reader } from '@flyball/reading';
import pLimit from 'p-limit';
import { TooManyReadings } from '../http/too-many-readings.ts';
import { answerMsMax } from '../wire.ts';
import type { Stretch } from './point-log.ts';
import { createTrack, type Track, type TrackParts } from './track.ts';

/**
 * The longest stretch of time that is shown at once, and kept: a day that ends now, also by a clock
 * of whoever asks that is up to an hour behind.
 */
export const stretchMsMax = 90_000_000;
/** Each costs a few MB when its day was busy. */
const tracksMax = 16;
/** Nobody has looked at it for this long. */
const idleMsMax = 300_000;
const readingsAtOnce = 4;
const readingsWaitingMax = 64;
/** A first reading may be of months: the next one goes on where this one was given up. */
const readingMsMax = answerMsMax;

export interface Tracks {
  /**
   * The workload's record through now, reaching back to `fromMs`; undefined: nothing is recorded
   * of it. Rejects with NATS_… errors, and with `TooManyReadings`.
   */
  read(reader: Reader, workload: WorkloadKey, stretch: Stretch): Promise<Track | undefined>;
  /** The same, of which only the events are needed: of what is long ago nothing else is read. */
  readEvents(
    reader: Reader,
    workload: WorkloadKey,
    stretch: Stretch,
  ): Promise<Pick<Track, 'events' | 'stretch'> | undefined>;
  /** Does something else that reads the log, as one of the readings. */
  run<Found>(read: (signal: AbortSignal) => Promise<Found>): Promise<Found>;
  /** The log is another one: everything is read anew. */
  clear(): void;
}

interface Kept {
  readonly track: Track;
  /** The newest reading: under way, done, or the next one. */
  reading: Promise<void>;
  /** It has not begun: what is stored until then will be in it. */
  isNextDue: boolean;
  usedMs: number;
}

const createKept = (most: number) => {
  const tracks = new Map<WorkloadKey, Kept>();
  return {
    tracks,
    use: (workload: WorkloadKey, kept: Kept, nowMs: number): void => {
      kept.usedMs = nowMs;
      tracks.delete(workload);
      tracks.set(workload, kept);
      for (const [other, { usedMs }] of tracks) {
        if (tracks.size > most || nowMs - usedMs > idleMsMax) tracks.delete(other);
      }
    },
  };
};

const readings = (signal: AbortSignal) => {
  const limit = pLimit(readingsAtOnce);
  return <Found>(read: (signal: AbortSignal) => Promise<Found>): Promise<Found> => {
    if (limit.pendingCount >= readingsWaitingMax) {
      const most = `${readingsAtOnce} readings are under way and ${readingsWaitingMax} wait`;
      return Promise.reject(new TooManyReadings(`${most}: ask again later.`));
    }
    return limit(async () => {
      const ended = AbortSignal.any([signal, AbortSignal.timeout(readingMsMax)]);
      const found = await read(ended);
      if (!ended.aborted) return found;
      const message = `Reading the log took longer than ${readingMsMax} ms.`;
      throw new OutsideError('NATS_TIMEOUT', message, { retriable: true });
    });
  };
};

/** What is kept from now on; nothing is read yet. */
const begin = (reader: Reader, workload: WorkloadKey): Kept => {
  const { clock } = reader;
  const stretch = () => ({ fromMs: clock.nowMs() - stretchMsMax, toMs: Number.MAX_SAFE_INTEGER });
  const track = createTrack(reader, workload, stretch);
  return { track, reading: Promise.resolve(), isNextDue: false, usedMs: clock.monotonicMs() };
};

/** What was read stays, and the next reading goes on from there. */
const isToGoOn = (error: unknown, { track }: Kept, { log }: Reader): boolean =>
  error instanceof OutsideError &&
  error.code === 'NATS_TIMEOUT' &&
  track.connection === log.connection();

/** Whoever comes while it is being read waits for the next reading, together with the others. */
const nextReading =
  (run: Tracks['run']) =>
  (reader: Reader, kept: Kept): Promise<void> => {
    if (!kept.isNextDue) {
      kept.isNextDue = true;
      const before = kept.reading.catch((error: unknown) => {
        if (!isToGoOn(error, kept, reader)) throw error;
      });
      kept.reading = before.then(() =>
        run((signal) => {
          kept.isNextDue = false;
          return kept.track.refresh(signal);
        }),
      );
    }
    return kept.reading;
  };

/** Ends its readings when the signal aborts. */
export const createTracks = (ended: AbortSignal): Tracks => {
  const { tracks, use } = createKept(tracksMax);
  const run = readings(ended);

  const readNext = nextReading(run);
  const refresh = async (reader: Reader, kept: Kept): Promise<Track> => {
    const { track } = kept;
    try {
      await readNext(reader, kept);
      return track;
    } catch (error) {
      const isOfUse = isToGoOn(error, kept, reader);
      if (!isOfUse && tracks.get(track.workload) === kept) tracks.delete(track.workload);
      throw error;
    }
  };
  const usable = ({ log }: Reader, workload: WorkloadKey): Kept | undefined => {
    const kept = tracks.get(workload);
    return kept?.track.connection === log.connection() ? kept : undefined;
  };
  const once = (
    reader: Reader,
    workload: WorkloadKey,
    { stretch, parts }: { readonly stretch: Stretch; readonly parts: TrackParts },
  ): Promise<Track> =>
    run(async (signal) => {
      const track = createTrack(reader, workload, () => stretch, parts);
      await track.refresh(signal);
      return track;
    });
  const readParts =
    (parts: TrackParts): Tracks['read'] =>
    async (reader, workload, stretch) => {
      const nowMs = reader.clock.monotonicMs();
      const isOld = stretch.fromMs < reader.clock.nowMs() - stretchMsMax;
      const isKnown = !isOld && usable(reader, workload) !== undefined;
      if (!isKnown && !(await isRecorded(reader, workload))) return undefined;
      if (isOld) return once(reader, workload, { stretch, parts });
      // Another one may have come first in the meantime.
      const kept = usable(reader, workload) ?? begin(reader, workload);
      use(workload, kept, nowMs);
      return refresh(reader, kept);
    };
  return {
    read: readParts('all'),
    readEvents: readParts('events'),
    run,
    clear: () => tracks.clear(),
  };
};
