/** The settings of the decider. */
import {
  commonSettings,
  defineConfig,
  telemetrySettings,
  workloadMetricsMax,
} from '@flyball/service';

export const deciderConfig = defineConfig({
  ...commonSettings,
  ...telemetrySettings,
  workloadMetricsMax,
});
