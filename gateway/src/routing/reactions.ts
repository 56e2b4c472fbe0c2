import type { Extras } from '../bus/messages.ts';
import { isLongerThan } from '../text/clean.ts';
import { withoutMarks } from '../text/mark.ts';
import type { XmlElement } from '../xmpp/element.ts';

/** Of one person to one message. */
const MOST_REACTIONS = 20;
/** In characters, of all with a space between them. */
const LONGEST_REACTIONS = 100;

/**
 * One emoji, and nothing else: a reaction is shown without the care that is taken of texts. Some apps leave out the
 * selector that asks for a picture. [XEP-0444 §3]
 */
const EMOJI = /^(?:\p{RGI_Emoji}|\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f?)$/v;

export function isEmoji(text: string): boolean {
  return text.length <= LONGEST_REACTIONS && EMOJI.test(text) && withoutMarks(text) === text;
}

/** All reactions of the sender to one message; none of them an emoji, though some were given: nothing that is known. */
export function readReactions(reactions: XmlElement, to: string | undefined): Extras['reacts'] | undefined {
  if (to === undefined) return undefined;
  const given = reactions
    .getChildren('reaction')
    .filter((child) => child.getNS() === reactions.getNS())
    .map((child) => child.text().trim());
  const known = [...new Set(given.filter(isEmoji))].slice(0, MOST_REACTIONS);
  while (isLongerThan(known.join(' '), LONGEST_REACTIONS)) known.pop();
  return known.length === 0 && given.length > 0 ? undefined : { to, with: known };
}
