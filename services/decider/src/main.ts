/** The decider as a process. */
import { runService } from '@flyball/service';
import { decider } from './service.ts';

await runService(decider, process.env);
