/** Reads a page of metrics as strictly as Prometheus' own linter, and refuses what is not right. */

export interface PageSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricsPage {
  /** Every sample of this name that has these labels. */
  of(name: string, labels?: Readonly<Record<string, string>>): readonly PageSample[];
  /** The one such sample; throws when there are none or several. */
  one(name: string, labels?: Readonly<Record<string, string>>): number;
  /** The sum of all such samples; 0 of none. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
  readonly names: ReadonlySet<string>;
}

const sampleLine = /^(?<name>[a-z_:][a-z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/i;
const labelPair = /(?<label>[a-z_][a-z0-9_]*)="(?<text>(?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gi;
const aboutLine = /^# (?<kind>HELP|TYPE) (?<name>\S+) (?<rest>.+)$/;

const numberOf = (text: string): number => {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  if (text === 'Nan' || text === 'NaN') return Number.NaN;
  if (!/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) throw new Error(`${text} is no value`);
  return Number(text);
};

const labelsOf = (text: string, line: string): Readonly<Record<string, string>> => {
  const pairs = [...text.matchAll(labelPair)];
  const read = pairs.map(([whole]) => whole).join('');
  const names = pairs.map(({ groups }) => groups?.label ?? '');
  if (read !== text || new Set(names).size !== names.length) throw new Error(`labels of ${line}`);
  return Object.fromEntries(pairs.map(({ groups }) => [groups?.label, groups?.text ?? '']));
};

const readSample = (line: string): PageSample => {
  const { name, labels = '', value } = sampleLine.exec(line)?.groups ?? {};
  if (name === undefined || value === undefined) throw new Error(`no sample: ${line}`);
  return { name, labels: labelsOf(labels, line), value: numberOf(value) };
};

interface Family {
  readonly name: string;
  readonly type: string;
}

const belongs = ({ name }: PageSample, family: Family): boolean =>
  family.type === 'histogram'
    ? [`${family.name}_bucket`, `${family.name}_sum`, `${family.name}_count`].includes(name)
    : name === family.name;

const without = (labels: Readonly<Record<string, string>>, label: string): string =>
  JSON.stringify(
    Object.entries(labels)
      .filter(([name]) => name !== label)
      .toSorted(),
  );

/** Buckets rise, and the last one is the count. */
const expectHistogram = (name: string, samples: readonly PageSample[]): void => {
  const buckets = samples.filter((one) => one.name === `${name}_bucket`);
  for (const [series, some] of Map.groupBy(buckets, ({ labels }) => without(labels, 'le'))) {
    const inOrder = some.toSorted(
      (a, b) => numberOf(a.labels.le ?? '') - numberOf(b.labels.le ?? ''),
    );
    const counts = inOrder.map(({ value }) => value);
    const count = samples.find(
      (one) => one.name === `${name}_count` && without(one.labels, '') === series,
    )?.value;
    const rises = counts.every((value, index) => value >= (counts[index - 1] ?? 0));
    const last = inOrder.at(-1);
    if (!rises || last?.labels.le !== '+Inf' || last.value !== count) {
      throw new Error(`the histogram ${name} ${series} does not add up`);
    }
  }
};

const expectFamily = (family: Family, samples: readonly PageSample[]): void => {
  const stranger = samples.find((sample) => !belongs(sample, family));
  if (stranger !== undefined) throw new Error(`${stranger.name} is below ${family.name}`);
  const keys = samples.map(({ name, labels }) => `${name} ${without(labels, '')}`);
  if (new Set(keys).size !== keys.length) throw new Error(`${family.name} has a series twice`);
  const isCounter = family.type === 'counter';
  if (isCounter && samples.some(({ value }) => !(value >= 0))) throw new Error(family.name);
  if (family.type === 'histogram') expectHistogram(family.name, samples);
};

/** Families in order: their HELP, their TYPE, their samples. Throws on anything else. */
const familiesOf = (text: string): ReadonlyMap<Family, PageSample[]> => {
  const families = new Map<Family, PageSample[]>();
  const names = new Set<string>();
  let help: string | undefined;
  let current: PageSample[] | undefined;
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const { kind, name = '', rest = '' } = aboutLine.exec(line)?.groups ?? {};
    if (kind === 'HELP') {
      if (names.has(name)) throw new Error(`${name} is told twice`);
      names.add(name);
      help = name;
    } else if (kind === 'TYPE') {
      if (help !== name) throw new Error(`the TYPE of ${name} does not follow its HELP`);
      if (!/^(counter|gauge|histogram|summary)$/.test(rest)) throw new Error(`${name}: ${rest}`);
      current = [];
      families.set({ name, type: rest }, current);
    } else {
      if (current === undefined) throw new Error(`a sample before any TYPE: ${line}`);
      current.push(readSample(line));
    }
  }
  return families;
};

/** Reads a page in the text format 0.0.4. */
export const readMetricsPage = (text: string): MetricsPage => {
  if (!text.endsWith('\n')) throw new Error('the page does not end with a line');
  const families = familiesOf(text);
  for (const [family, samples] of families) expectFamily(family, samples);
  const all = [...families.values()].flat();
  const find: MetricsPage['of'] = (name, labels = {}) =>
    all.filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
  return {
    of: find,
    one: (name, labels) => {
      const found = find(name, labels);
      if (found.length !== 1) throw new Error(`${found.length} samples of ${name}`);
      return found[0]?.value ?? Number.NaN;
    },
    sum: (name, labels) => find(name, labels).reduce((sum, { value }) => sum + value, 0),
    names: new Set([...families.keys()].map(({ name }) => name)),
  };
};

/** Scrapes a service. */
export const scrape = async (healthUrl: string): Promise<MetricsPage> => {
  const answer = await fetch(`${healthUrl}/metrics`, { signal: AbortSignal.timeout(5_000) });
  return readMetricsPage(await answer.text());
};
