/** The settings of the decider. */
import { commonSettings, defineConfig, workloadMetricsMax } from '@flyball/service';

export const deciderConfig = defineConfig({ ...commonSettings, workloadMetricsMax });
