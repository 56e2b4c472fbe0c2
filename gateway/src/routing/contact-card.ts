import type { Answer } from '../bus/messages.ts';
import type { VisitorCard } from '../helpdesk/model.ts';
import { cut } from './children.ts';

/** What a vCard of either kind shows. */
export interface ContactCard {
  readonly name: string;
  readonly nickname?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly location?: string;
  readonly url?: string;
  readonly organisation?: string;
  readonly teams?: readonly string[];
  /** Everything that has no field of its own, a line each. */
  readonly note?: string;
}

const LONGEST_NOTE = 8_000;

function line(label: string, value: string | undefined): string | undefined {
  const text = value?.replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return text === undefined || text === '' ? undefined : `${label}: ${text}`;
}

/**
 * The visitor's facts as text. COMPAT(libpurple, of a vCard it shows neither address of a page nor browser, but
 * the description it does).
 */
function noteOf(card: VisitorCard, state: string): string {
  const page = card.pageTitle === undefined ? card.pageUrl : `${card.pageTitle} ${card.pageUrl ?? ''}`;
  const lines = [
    line('Chat', state),
    ...(card.fields ?? []).map(({ label, value }) => line(label, value)),
    line('Page', page),
    line('Came from', card.referrer),
    line('Browser', card.browser),
    line('System', card.platform),
    line('Language', card.language),
    line('Time zone', card.timeZone),
    line('Address', card.address),
  ];
  return cut(lines.filter((text) => text !== undefined).join('\n'), LONGEST_NOTE);
}

/** The card of whom an answer is about; `undefined` for nothing. */
export function contactCard(answer: Answer, organisation: string): ContactCard | undefined {
  switch (answer.about) {
    case 'nothing':
    case 'menu':
    case 'form':
    case 'command':
    case 'bans':
      return undefined;
    case 'staff-card': {
      const { name, username, email, teams } = answer;
      return { name, nickname: username, ...(email !== undefined && { email }), organisation, teams };
    }
    case 'visitor-card': {
      const { card, state } = answer;
      return {
        name: card.name,
        ...(card.email !== undefined && { email: card.email }),
        ...(card.phone !== undefined && { phone: card.phone }),
        ...(card.location !== undefined && { location: card.location }),
        ...(card.pageUrl !== undefined && { url: card.pageUrl }),
        note: noteOf(card, state),
      };
    }
  }
}

/** The contact `Chat Gateway`. */
export function gatewayCard(organisation: string): ContactCard {
  return {
    name: 'Chat Gateway',
    organisation,
    note: 'Takes the commands that need no chat. Write $help to see them.',
  };
}
