/** Seeds of the simulation, part 1 of 4. */
import { testSeeds } from './test-seeds.ts';

testSeeds(1);
