/** The settings of the decider. */
import { commonSettings, defineConfig } from '@flyball/service';

export const deciderConfig = defineConfig(commonSettings);
