import type { Extras } from '../bus/messages.ts';
import { REACTION_CHARACTERS, REACTIONS } from './limits.ts';
import { isLongerThan } from '../text/clean.ts';
import { withoutMarks } from '../text/mark.ts';
import type { XmlElement } from '../xmpp/element.ts';

/**
 * One emoji, and nothing else: a reaction is shown without the care that is taken of texts. Some apps leave out the
 * selector that asks for a picture. [XEP-0444 §3]
 */
const EMOJI = /^(?:\p{RGI_Emoji}|\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f?)$/v;

export function isEmoji(text: string): boolean {
  return text.length <= REACTION_CHARACTERS && EMOJI.test(text) && withoutMarks(text) === text;
}

/** All reactions of the sender to one message; none of them an emoji, though some were given: nothing that is known. */
export function readReactions(reactions: XmlElement, to: string | undefined): Extras['reacts'] | undefined {
  if (to === undefined) return undefined;
  const given = reactions
    .getChildren('reaction')
    .filter((child) => child.getNS() === reactions.getNS())
    .map((child) => child.text().trim());
  const known = [...new Set(given.filter(isEmoji))].slice(0, REACTIONS);
  while (isLongerThan(known.join(' '), REACTION_CHARACTERS)) known.pop();
  return known.length === 0 && given.length > 0 ? undefined : { to, with: known };
}
