/** The actuator as a process. */
import { runService } from '@flyball/service';
import { actuator } from './service.ts';

await runService(actuator, process.env);
