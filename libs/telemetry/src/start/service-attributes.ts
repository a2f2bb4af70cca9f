/** Who tells the spans, in OpenTelemetry's words. */
import type { TelemetryOptions } from './telemetry-options.ts';

export const serviceAttributes = ({
  service,
  instance,
  version,
}: Pick<TelemetryOptions, 'service' | 'instance' | 'version'>): Record<string, string> => ({
  'service.name': `flyball-${service}`,
  'service.namespace': 'flyball',
  'service.instance.id': instance,
  ...(version === undefined ? {} : { 'service.version': version }),
});
