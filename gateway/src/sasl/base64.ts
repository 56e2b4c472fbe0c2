import { SaslFailure } from './failure.ts';

const ALPHABET = /^[A-Za-z0-9+/]*={0,2}$/u;

/**
 * What an `<auth/>` or `<response/>` carries: nothing, the empty string (`=`), or strict base64 without white space.
 * [RFC6120 §6.4.2, RFC4648 §3.3]
 */
export function decodeBase64(text: string): Buffer | undefined {
  if (text === '') return undefined;
  if (text === '=') return Buffer.alloc(0);
  if (text.length % 4 !== 0 || !ALPHABET.test(text)) throw new SaslFailure('incorrect-encoding');
  const bytes = Buffer.from(text, 'base64');
  // bits beyond the last octet must be zero: one message, one spelling
  if (bytes.toString('base64') !== text) throw new SaslFailure('incorrect-encoding');
  return bytes;
}
