/** Seeds of the simulation, part 4 of 4. */
import { testSeeds } from './test-seeds.ts';

testSeeds(4);
