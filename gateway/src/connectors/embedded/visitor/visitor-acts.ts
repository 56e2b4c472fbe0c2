import { isDeepStrictEqual } from 'node:util';
import type { TenantConfig } from '../../../config/schema.ts';
import type { TeamId, TenantId, VisitorCard } from '../../../helpdesk/model.ts';
import type { Floor } from '../floor.ts';
import { isOpenAt } from '../hours.ts';
import type { Delivery, EmbeddedStore } from '../store/port.ts';
import type { Turn } from '../turn.ts';
import { WEBHOOK_LIFE_MS } from '../webhook.ts';
import type { CardFacts, SiteInput } from './wire.ts';

/** What a visitor does that was done before changes nothing: their message ids are known for good. */
export async function isKnown(store: EmbeddedStore, tenant: TenantId, input: SiteInput): Promise<boolean> {
  switch (input.type) {
    case 'start':
      return (await store.chat(tenant, input.chat)) !== undefined;
    case 'say':
    case 'share':
      return store.knowsLine(tenant, input.chat, input.messageId);
    case 'leave-message':
      return store.knowsLeftMessage(tenant, input.messageId);
    case 'end':
    case 'visit':
      return false;
  }
}

export interface VisitorRules {
  readonly config: TenantConfig;
  readonly maxWaiting: number;
  readonly now: number;
}

/** Does what a visitor asks for; what comes too late for its chat does nothing. Returns what the webhook must get. */
export function visitorActs(turn: Turn, floor: Floor, input: SiteInput, rules: VisitorRules): Delivery | undefined {
  const { now, config } = rules;
  if (input.chat !== undefined && floor.chats.has(input.chat)) {
    floor.heard.set(input.chat, now);
    turn.happen(input.chat, { type: 'heard' });
  }
  switch (input.type) {
    case 'start': {
      const { chat, ticket, messageId, team, question, name, email, phone, fields, page } = input;
      const card: VisitorCard = {
        name,
        ...(email !== undefined && { email }),
        ...(phone !== undefined && { phone }),
        ...(fields !== undefined && { fields }),
        ...given(page),
      };
      turn.start({ id: chat, ticket, team, card, question, messageId }, hasPlace(floor, team, rules));
      return undefined;
    }
    case 'say':
      turn.happenIfOpen(input.chat, { type: 'visitor-said', messageId: input.messageId, text: input.text });
      return undefined;
    case 'share': {
      const { chat, messageId, file } = input;
      const extra = { is: 'file', file } as const;
      turn.happenIfOpen(chat, { type: 'visitor-said', messageId, text: file.url, extra });
      return undefined;
    }
    case 'end':
      turn.happenIfOpen(input.chat, { type: 'visitor-ended' });
      turn.settle();
      return undefined;
    case 'visit': {
      const chat = floor.chats.get(input.chat);
      if (chat === undefined) return undefined;
      const card = elsewhere(chat.card, input.page);
      if (!isDeepStrictEqual(card, chat.card)) turn.happen(input.chat, { type: 'visited', card });
      return undefined;
    }
    case 'leave-message': {
      const { team, name, email, text, messageId, chat } = input;
      const left = turn.leaveMessage({ team, name, email, text }, messageId);
      if (chat !== undefined) turn.happenIfOpen(chat, { type: 'message-left' });
      turn.settle();
      if (config.helpdesk.webhook === undefined) return undefined;
      const delivery = { message: left.id, attempts: 0, nextAt: now, expires: now + WEBHOOK_LIFE_MS };
      turn.store({ is: 'delivery', delivery });
      return delivery;
    }
  }
}

/** The card on another page: a title belongs to its page, and where the visitor came from first stays known. */
function elsewhere(card: VisitorCard, page: CardFacts): VisitorCard {
  const { pageUrl: _url, pageTitle: _title, ...rest } = card;
  const { referrer: _referrer, ...facts } = given(page);
  return facts.pageUrl === undefined ? { ...card, ...facts } : { ...rest, ...facts };
}

function hasPlace(floor: Floor, team: TeamId, { config, maxWaiting, now }: VisitorRules): boolean {
  let waiting = 0;
  for (const chat of floor.chats.values()) if (chat.is === 'waiting') waiting++;
  return (
    floor.directory.isPublic(team) && isOpenAt(config.helpdesk.hours, config.timeZone, now) && waiting < maxWaiting
  );
}

type Given<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

function given(facts: CardFacts): Given<CardFacts> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Given<CardFacts>;
}
