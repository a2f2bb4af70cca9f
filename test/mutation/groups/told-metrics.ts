/** What metrics tell: only what is owned, within the bound, and as it was decided. */
import { inFile, type MutationGroup } from '../mutation.ts';

const service = 'libs/service/src';
const inGauges = inFile(`${service}/workload-gauges.ts`);
const inReading = inFile(`${service}/reading-metrics.ts`);
const inDecider = inFile('services/decider/src/workload-metrics.ts');
const inWindower = inFile('services/windower/src/live-partitions.ts');

export const toldMetrics: MutationGroup = {
  name: 'told-metrics',
  about: 'what metrics tell of workloads and readers',
  runs: [
    {
      project: 'story',
      files: [
        `${service}/workload-gauges.test.ts`,
        `${service}/queue-metrics.test.ts`,
        'services/decider/src/workload-metrics.test.ts',
        'services/windower/src/live-partitions.test.ts',
      ],
    },
  ],
  mutations: [
    inDecider(
      'told-by-owner',
      'a decider tells of workloads whose lease is over',
      'isHeld() ? state() : undefined',
      'state()',
    ),
    inDecider(
      'told-by-owner',
      'a decider goes on telling of a partition that it gave away',
      'void partitions.delete(partition)',
      'void partitions.has(partition)',
    ),
    inWindower(
      'told-by-owner',
      'a windower tells of workloads whose lease is over',
      '[...all].filter(({ isCurrent }) => isCurrent())',
      '[...all]',
    ),
    inWindower(
      'told-values',
      'a clock that was ahead once is told to be so for ever',
      'refusedSkew.reset();',
      '',
    ),
    inReading(
      'told-by-owner',
      'what was before a reader is told after its end',
      'pendingMessages.remove({ ...read });',
      '',
    ),
    inDecider(
      'told-values',
      'what was asked for last is told as what was decided',
      'last?.to ?? asked',
      'asked',
    ),
    inDecider(
      'told-values',
      'the use is of one pod, however many are ready',
      '(policy?.targetValue ?? 0) * readyPods',
      '(policy?.targetValue ?? 0)',
    ),
    inGauges(
      'told-bound',
      'every workload is told, whatever the bound is',
      '.toSorted(byName).slice(0, max)',
      '.toSorted(byName)',
    ),
    inGauges(
      'told-bound',
      'the first that come are told, not the first by name',
      '.toSorted(byName).slice(0, max)',
      '.slice(0, max)',
    ),
    inGauges(
      'told-bound',
      'a workload that comes before the others is never told',
      'near.length < max ? all : near',
      'near',
    ),
  ],
};
