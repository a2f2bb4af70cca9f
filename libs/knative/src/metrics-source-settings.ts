/** The annotations by which a workload's load is read from Prometheus pages. */
import { type MetricsSource, metricsPagesMax } from '@flyball/contracts';
import { readMetricSelector, selectorLengthMax } from '@flyball/contracts/metric-selector';
import { choiceSetting, integerSetting, readSettingBy, type Setting } from './setting.ts';

export interface MetricsSourceValues {
  readonly metricsUrl: readonly string[];
  readonly metricsPort: number;
  readonly metricsPath: string;
  readonly metricsConcurrency: string;
  readonly metricsRequests: string;
  readonly metricsAbsent: MetricsSource['absent'];
}

const keyOf = (name: string): string => `flyball.dev/metrics-${name}`;

const urlLengthMax = 2_000;
const pathPattern = /^\/[^\s#]*$/;

const faultOf = (text: string): string | undefined => {
  if (text.length > urlLengthMax) return `is longer than ${urlLengthMax} characters`;
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'http:') return `is not a URL with http://: ${text}`;
  if (url.username !== '' || url.password !== '') return 'holds a password, which all can read';
  return url.hash === '' ? undefined : 'has a part after #';
};

const readUrls = (text: string) => {
  const urls = [...new Set(text.split(/[\s,]+/).filter((one) => one !== ''))];
  if (urls.length === 0) return { reason: 'names no page' };
  if (urls.length > metricsPagesMax) return { reason: `names more than ${metricsPagesMax} pages` };
  const reason = urls.map(faultOf).find((one) => one !== undefined);
  return reason === undefined ? { value: urls } : { reason };
};

const selectorSetting = (name: string): Setting<string> =>
  readSettingBy<string>(
    keyOf(name),
    (text) => {
      const read = readMetricSelector(text);
      return read.ok ? { value: text.trim() } : { reason: read.reason };
    },
    {
      allowed:
        'a metric such as requests_active{app="web"}, with matchers =, !=, =~ and !~, ' +
        `up to ${selectorLengthMax} characters`,
    },
  );

type Settings = { readonly [F in keyof MetricsSourceValues]: Setting<MetricsSourceValues[F]> };

export const metricsSourceSettings: Settings = {
  metricsConcurrency: selectorSetting('concurrency'),
  metricsRequests: selectorSetting('requests'),
  metricsUrl: readSettingBy<readonly string[]>(keyOf('url'), readUrls, {
    allowed: `1 to ${metricsPagesMax} URLs with http://, with commas or spaces between`,
  }),
  metricsPort: integerSetting(keyOf('port'), {
    allowed: '1 to 65535',
    accepts: (value) => value >= 1 && value <= 65_535,
  }),
  metricsPath: readSettingBy<string>(
    keyOf('path'),
    (text) =>
      pathPattern.test(text) && text.length <= urlLengthMax
        ? { value: text }
        : { reason: 'is not the path of a page' },
    { allowed: `a path such as /metrics, up to ${urlLengthMax} characters` },
  ),
  metricsAbsent: choiceSetting(keyOf('absent'), ['blind', 'zero']),
};
