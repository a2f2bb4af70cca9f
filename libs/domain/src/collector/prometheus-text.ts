/** Reads single values out of a page in the Prometheus text format. */

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[^}]*\})?\s+(\S+)(?:\s+-?\d+)?$/;

const numberOf = (text: string): number => {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
};

/** The samples without labels, by name; lines that are not samples are passed by. */
export const plainSamples = (page: string): ReadonlyMap<string, number> => {
  const samples = new Map<string, number>();
  for (const line of page.split('\n')) {
    const [, name, labels, value] = sampleLine.exec(line.trim()) ?? [];
    if (name === undefined || value === undefined || labels !== undefined) continue;
    samples.set(name, numberOf(value));
  }
  return samples;
};
