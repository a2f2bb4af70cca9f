/** The one test suite that every adapter of the event log must pass. */
import { describe } from 'vitest';
import { appendContract } from './contract/appends.ts';
import type { Contract } from './contract/bed.ts';
import { bucketContract } from './contract/buckets.ts';
import { leaseContract } from './contract/leases.ts';
import { memberContract } from './contract/members.ts';
import { readContract } from './contract/reads.ts';

export type { BedOptions, Contract, ContractBed } from './contract/bed.ts';

/** Declares the whole suite for one adapter; call it from a test file. */
export const describeEventLogContract = (contract: Contract): void => {
  describe(`event log on ${contract.name}`, () => {
    describe('appends', () => appendContract(contract));
    describe('reads', () => readContract(contract));
    describe('buckets', () => bucketContract(contract));
    describe('leases', () => leaseContract(contract));
    describe('members', () => memberContract(contract));
  });
};
