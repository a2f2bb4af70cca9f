/** Runs the collector as a process. */
import { runService } from '@flyball/service';
import { collector } from './service.ts';

await runService(collector, process.env);
