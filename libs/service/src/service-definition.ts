/** What makes a service: its name, its settings, and how it starts. */
import type { z } from 'zod';
import type { processSettings } from './common-settings.ts';
import type { ConfigSchema } from './config.ts';
import type { Life } from './life.ts';

/** The settings that every service has. */
export type CommonConfig = {
  readonly [Key in keyof typeof processSettings]: z.output<(typeof processSettings)[Key]>;
} & {
  /** Of those that own partitions. */
  readonly soleInstance?: boolean;
  /** Of those that tell spans: without this setting a service is silent. */
  readonly tracesUrl?: string;
};

export interface ServiceDefinition<Config extends CommonConfig = CommonConfig> {
  /** The word of the design: `windower`. */
  readonly name: string;
  /** `defineConfig({ ...commonSettings, … })`, or with `leaselessSettings` or `processSettings`. */
  readonly configSchema: ConfigSchema & z.ZodType<Config>;
  /**
   * Connects and wires; resolves when the service runs. What it registered on `life` ends it.
   * An OutsideError ends the process with exit code 69 and the error's sentence.
   */
  start(config: Readonly<Config>, life: Life): Promise<void>;
}

/** The definition as given; its settings' type follows from the schema. */
export const defineService = <Config extends CommonConfig>(
  definition: ServiceDefinition<Config>,
): ServiceDefinition<Config> => definition;
