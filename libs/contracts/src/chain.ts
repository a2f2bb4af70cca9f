/** The chain that makes each subject's history tamper-evident. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** The chain value before the first event of a subject. */
export const chainStart = '0'.repeat(64);

const chainMember = /,"chain":"([0-9a-f]{64})"\}$/;

const link = (previous: string, bodyWithoutChain: string): string =>
  bytesToHex(sha256(utf8ToBytes(`${previous}\n${bodyWithoutChain}`)));

/**
 * Adds the chain value as the last member of a JSON object's text. The value is the SHA-256 of the
 * subject's previous chain value, a newline, and the text without it.
 */
export const chained = (
  previous: string,
  bodyWithoutChain: string,
): { readonly body: string; readonly chain: string } => {
  const chain = link(previous, bodyWithoutChain);
  return { body: `${bodyWithoutChain.slice(0, -1)},"chain":"${chain}"}`, chain };
};

/** The chain value that a stored body carries; undefined when it carries none. */
export const chainOf = (body: string): string | undefined => chainMember.exec(body)?.[1];

/** Does this body follow the one that carried `previous`? Checked on the bytes as stored. */
export const followsChain = (previous: string, body: string): boolean => {
  const chain = chainOf(body);
  return chain !== undefined && link(previous, body.replace(chainMember, '}')) === chain;
};
