import type { Extras } from '../bus/messages.ts';
import { withoutMarks } from '../text/mark.ts';
import type { XmlElement } from '../xmpp/element.ts';

/** Of one person to one message. */
const MOST_REACTIONS = 20;
const LONGEST_REACTION = 40;

/**
 * One emoji: a flag, a keycap, or pictographs joined to one. Nothing else is taken: a reaction is shown without the
 * care that is taken of texts. [XEP-0444 §3]
 */
const PICTOGRAPH = '\\p{Extended_Pictographic}(?:\\ufe0f|\\ufe0e|\\p{EMod})?[\\u{e0020}-\\u{e007f}]*';
const EMOJI = new RegExp(`^(?:\\p{RI}\\p{RI}|[0-9#*]\\ufe0f?\\u20e3|${PICTOGRAPH}(?:\\u200d${PICTOGRAPH})*)$`, 'u');

export function isEmoji(text: string): boolean {
  return text.length <= LONGEST_REACTION && EMOJI.test(text) && withoutMarks(text) === text;
}

/** All reactions of the sender to one message; none of them an emoji, though some were given: nothing that is known. */
export function readReactions(reactions: XmlElement, to: string | undefined): Extras['reacts'] | undefined {
  if (to === undefined) return undefined;
  const given = reactions
    .getChildren('reaction')
    .filter((child) => child.getNS() === reactions.getNS())
    .map((child) => child.text().trim());
  const known = [...new Set(given.filter(isEmoji))].slice(0, MOST_REACTIONS);
  return known.length === 0 && given.length > 0 ? undefined : { to, with: known };
}
