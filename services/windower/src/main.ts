/** The windower as a process. */
import { runService } from '@flyball/service';
import { windower } from './service.ts';

await runService(windower, process.env);
