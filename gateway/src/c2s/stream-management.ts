/** XEP-0198 1.6.3: its elements, and the arithmetic of its counters. */
import { type XmlElement, xml } from '../xmpp/element.ts';

export const SM = 'urn:xmpp:sm:3';
const CLIENT = 'jabber:client';
const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

/** Counters begin again at 2^32, as unsigned integers of 32 bits do. [XEP-0198 §4] */
const MODULUS = 2 ** 32;
const HALF = 2 ** 31;

export const after = (count: number, by = 1): number => (count + by) >>> 0;

/** Steps from one count to a later one. */
export const steps = (from: number, to: number): number => (to - from) >>> 0;

/** True where `number` is `count` or before it, in serial arithmetic. */
export const isUpTo = (number: number, count: number): boolean => steps(number, count) < HALF;

export type AckVerdict = 'good' | 'backward' | 'too-high';

/** What an app's `h` says, given what it said before and what was written. */
export function judge(h: number, acknowledged: number, written: number): AckVerdict {
  if (steps(acknowledged, h) <= steps(acknowledged, written)) return 'good';
  return isUpTo(h, acknowledged) ? 'backward' : 'too-high';
}

/** What is counted. [XEP-0198 §4] */
export function isStanza(element: XmlElement): boolean {
  const name = element.name;
  return (name === 'message' || name === 'presence' || name === 'iq') && element.getNS() === CLIENT;
}

const COUNT = /^\d{1,10}$/u;

function readCount(text: string | undefined): number | undefined {
  if (text === undefined || !COUNT.test(text)) return undefined;
  const count = Number(text);
  return count < MODULUS ? count : undefined;
}

export type ManagementElement =
  | { readonly is: 'enable'; readonly resumable: boolean }
  | { readonly is: 'resume'; readonly id: string; readonly h: number }
  | { readonly is: 'bad-resume' }
  | { readonly is: 'request' }
  | { readonly is: 'answer'; readonly h: number }
  | { readonly is: 'bad-answer' }
  | { readonly is: 'unknown' };

const TRUE: readonly (string | undefined)[] = ['true', '1'];

/** Reads an element of the namespace {@link SM}. */
export function readManagement(element: XmlElement): ManagementElement {
  const { attrs } = element;
  switch (element.getName()) {
    case 'enable':
      // `max` is a wish: the window is the same for all, as chats wait for it
      return { is: 'enable', resumable: TRUE.includes(attrs['resume']) };
    case 'resume': {
      const h = readCount(attrs['h']);
      const id = attrs['previd'];
      return h === undefined || id === undefined || id === '' ? { is: 'bad-resume' } : { is: 'resume', id, h };
    }
    case 'r':
      return { is: 'request' };
    case 'a': {
      const h = readCount(attrs['h']);
      return h === undefined ? { is: 'bad-answer' } : { is: 'answer', h };
    }
    default:
      return { is: 'unknown' };
  }
}

/** `handled` only where the count of that very session is still known: an invented one makes apps send again. */
export function smFailed(
  condition: 'bad-request' | 'item-not-found' | 'unexpected-request' | 'internal-server-error',
  handled?: number,
): XmlElement {
  return xml('failed', { xmlns: SM, h: handled }, xml(condition, STANZAS));
}

/** `window` in milliseconds. */
export function smEnabled(resumption: { readonly id: string; readonly window: number } | undefined): XmlElement {
  if (resumption === undefined) return xml('enabled', SM);
  return xml('enabled', { xmlns: SM, id: resumption.id, resume: 'true', max: Math.floor(resumption.window / 1_000) });
}

export const smResumed = (id: string, h: number): XmlElement => xml('resumed', { xmlns: SM, previd: id, h });

export const handledCountTooHigh = (h: number, sent: number): XmlElement =>
  xml('handled-count-too-high', { xmlns: SM, h, 'send-count': sent });

export const SM_REQUEST = `<r xmlns='${SM}'/>`;
export const smAnswer = (h: number): string => `<a xmlns='${SM}' h='${h}'/>`;
