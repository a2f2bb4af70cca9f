/** Seeds of the simulation, part 3 of 4. */
import { testSeeds } from './test-seeds.ts';

testSeeds(3);
