/** Windows as the rules tell them: every sample is kept, every average is made from scratch. */
import type { WindowAlgorithm } from './window.ts';

/** Whole seconds since 1970; the value in any unit. */
export interface Sample {
  readonly second: number;
  readonly value: number;
}

interface Span {
  readonly first: number;
  readonly last: number;
}

export interface WindowModel {
  readonly algorithm: WindowAlgorithm;
  readonly lengthS: number;
  /** Every sample that was taken and not forgotten since, in the order told. */
  readonly samples: readonly Sample[];
  /** Undefined: empty. */
  readonly span: Span | undefined;
  /** Earlier seconds were given up by a resize. */
  readonly heldFrom: number;
}

export const emptyModel = (algorithm: WindowAlgorithm, lengthS: number): WindowModel => ({
  algorithm,
  lengthS,
  samples: [],
  span: undefined,
  heldFrom: Number.NEGATIVE_INFINITY,
});

export const recordInModel = (model: WindowModel, sample: Sample): WindowModel => {
  const { span, lengthS } = model;
  const { second } = sample;
  if (span !== undefined && second <= span.last - lengthS) return model;
  if (span === undefined || second >= span.last + lengthS) {
    return { ...model, samples: [sample], span: { first: second, last: second } };
  }
  const samples = [...model.samples, sample];
  const [first, last] = [Math.min(span.first, second), Math.max(span.last, second)];
  return { ...model, samples, span: { first, last } };
};

export const resizeModel = (model: WindowModel, lengthS: number, now: number): WindowModel => {
  const { algorithm, span } = model;
  if (lengthS === model.lengthS) return model;
  if (span === undefined) return { ...model, lengthS };
  if (now - span.last > model.lengthS) {
    return { ...emptyModel(algorithm, lengthS), heldFrom: span.last + 1 };
  }
  const keptS = Math.min(lengthS, model.lengthS);
  const samples = model.samples.filter(({ second }) => second > span.last - keptS);
  const first = span.last - (model.lengthS - 1);
  const heldFrom = Math.max(model.heldFrom, span.last - keptS + 1);
  return { algorithm, lengthS, samples, span: { first, last: span.last }, heldFrom };
};

/** The seconds that count at `now`, each with the sum of its samples; those between are zero. */
export const countedSeconds = ({ samples, span, lengthS }: WindowModel, now: number): number[] => {
  if (span === undefined) return [];
  const silentS = Math.max(0, now - span.last);
  const from = Math.max(span.first, span.last - lengthS + silentS + 1);
  return Array.from({ length: Math.max(0, span.last - from + 1) }, (_, index) =>
    samples
      .filter(({ second }) => second === from + index)
      .reduce((sum, { value }) => sum + value, 0),
  );
};

const linear = (model: WindowModel, now: number): number => {
  const { span, lengthS } = model;
  if (span === undefined || now - span.last >= lengthS) return 0;
  const total = countedSeconds(model, now).reduce((sum, value) => sum + value, 0);
  // The seconds since the first sample, silent ones at the end not counted, a window at most.
  const seconds = Math.min(span.last - span.first + 1, lengthS - Math.max(0, now - span.last));
  return Math.round((total / seconds) * 1e6) / 1e6;
};

const weighted = ({ samples, span, lengthS }: WindowModel, now: number): number => {
  if (span === undefined || now - span.last > lengthS) return 0;
  const share = Math.max(1 - 0.0001 ** (1 / lengthS), 0.2);
  const read = Math.max(now, span.last);
  return samples
    .filter(({ second }) => second > read - lengthS)
    .reduce((sum, { second, value }) => sum + value * share * (1 - share) ** (read - second), 0);
};

export const averageOfModel = (model: WindowModel, now: number): number =>
  model.algorithm === 'linear' ? linear(model, now) : weighted(model, now);

export const isModelEmpty = ({ span, lengthS }: WindowModel, now: number): boolean =>
  span === undefined || now - span.last > lengthS;
