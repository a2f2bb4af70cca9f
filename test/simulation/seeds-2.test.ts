/** Seeds of the simulation, part 2 of 4. */
import { testSeeds } from './test-seeds.ts';

testSeeds(2);
