import ipaddr from 'ipaddr.js';
import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { StaffId, TenantId } from '../../helpdesk/model.ts';
import type { Helpdesk } from '../../helpdesk/port.ts';
import { cleanLine } from '../../text/clean.ts';
import type { EndedChat } from './chat/chat.ts';
import type { Floor } from './floor.ts';
import { BAN_REASON_CHARACTERS } from './limits.ts';
import { type Once, soft } from './once.ts';
import { chatInSight } from './sight.ts';
import type { Banned, EmbeddedStore } from './store/port.ts';

const DAY_MS = 86_400_000;
/** Bans of one answer. */
const MAX_BANS = 1_000;
/** How long after its end a chat's visitor can still be banned. */
const AFTERWARDS_MS = 300_000;

interface BansDeps {
  readonly tenant: TenantId;
  readonly store: Pick<EmbeddedStore, 'bans' | 'ban' | 'chat'>;
  readonly now: () => number;
}

/** Keeps visitors out for some time who were rude, known again by their address and their e-mail address. */
export function banVerbs(once: Once, deps: BansDeps): Required<Pick<Helpdesk, 'ban' | 'bans' | 'liftBan'>> {
  const { tenant, store, now } = deps;
  return {
    async ban(call, id, staff, raw) {
      let ended: EndedChat | undefined;
      const why = cleanLine(raw ?? '', BAN_REASON_CHARACTERS);
      return once(
        call,
        (turn, floor) => {
          mayBan(floor, staff);
          const chat = ended ?? chatInSight(floor, id, staff);
          const days = floor.rules.banDays;
          const who = bannedOf(chat.card);
          const isKnown = Object.keys(who).length > 0;
          if (isKnown) {
            const until = turn.now + days * DAY_MS;
            const ban = { at: turn.now, until, visitor: chat.card.name, by: staff, chat: id };
            turn.store({ is: 'ban', ban: { ...ban, ...(why !== '' && { why }) }, who });
          }
          if (chat.is === 'ended') return;
          // those who take part do not hear of who observes
          const isSilent = chat.is === 'running' && chat.observers.includes(staff);
          const by = isSilent ? {} : { staff: turn.speaker(staff) };
          turn.happen(id, { type: 'banned', ...by, ...(isKnown && { days }) });
          turn.settle();
        },
        async () => {
          const kept = (await soft(store.chat(tenant, id)))?.chat;
          if (kept?.is !== 'ended') return true;
          if (kept.at + AFTERWARDS_MS < now() || !wasIn(kept, staff)) throw new HelpdeskError({ is: 'not-found' });
          ended = kept;
          // somebody has banned them already
          return (await soft(store.ban(tenant, id, now()))) === undefined;
        },
      );
    },
    bans: (limit) => soft(store.bans(tenant, now(), Math.min(Math.max(limit, 0), MAX_BANS))),
    async liftBan(call, staff, named) {
      let id = '';
      return once(
        call,
        (turn, floor) => {
          mayBan(floor, staff);
          turn.store({ is: 'ban-lifted', id, at: turn.now });
        },
        async () => {
          const found = await soft(store.ban(tenant, named, now()));
          if (found === undefined) throw new HelpdeskError({ is: 'not-found' });
          id = found.id;
          return true;
        },
      );
    },
  };
}

function wasIn({ participants, observers }: EndedChat, staff: StaffId): boolean {
  return participants.includes(staff) || observers.includes(staff);
}

/** By what a visitor is known again; a provider gives one household a /64 of IPv6 addresses. */
export function bannedOf({
  address,
  email,
}: {
  readonly address?: string | undefined;
  readonly email?: string | undefined;
}): Banned {
  const known = address === undefined ? undefined : networkOf(address);
  const mail = email?.trim().toLowerCase() ?? '';
  return { ...(known !== undefined && { address: known }), ...(mail !== '' && { email: mail }) };
}

function networkOf(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  const network = parsed.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}

function mayBan({ directory }: Floor, staff: StaffId): void {
  if (!directory.may(staff, 'ban')) throw new HelpdeskError({ is: 'forbidden' });
}
