/** Prints a run for whoever looks for its reason. */
import type { Plan } from './plan.ts';
import type { Verdict } from './simulate.ts';

const sentenceMax = 400;

export const tellFaults = ({ faults }: Plan): string[] =>
  faults.map((fault, number) => {
    const { kind, atMs, ...rest } = fault;
    return `  fault ${number}: at ${atMs} ms ${kind} ${JSON.stringify(rest)}`;
  });

export const tellWrong = ({ wrong }: Verdict): string[] =>
  wrong.map((one) => `  ${one.slice(0, sentenceMax)}`);

const dataMax = 240;

/** Every message that was stored and every write to the platform, one line each. */
export const tellMessages = ({ ran }: Verdict): string[] => {
  const { messages, cut, writes } = ran.world.observer;
  const stored = messages.map((message) => {
    const { seenAtMs, stream, seq, subject, body } = message;
    const { type, data } = JSON.parse(body);
    const gone = cut.has(message) ? ' (forgotten)' : '';
    const what = `${type.replace('dev.flyball.', '')} ${JSON.stringify(data).slice(0, dataMax)}`;
    return { atMs: seenAtMs, line: `${stream} ${seq}${gone} ${subject} ${what}` };
  });
  const written = writes.map(({ atMs, workload, replicas, resourceVersion }) => ({
    atMs,
    line: `PLATFORM ${workload} has ${replicas} replicas, version ${resourceVersion}`,
  }));
  return [...stored, ...written]
    .sort((one, other) => one.atMs - other.atMs)
    .map(({ atMs, line }) => `${atMs.toFixed(1)} ms ${line}`);
};
