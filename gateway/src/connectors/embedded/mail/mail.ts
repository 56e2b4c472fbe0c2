import { createHash } from 'node:crypto';
import type { TenantConfig } from '../../../config/schema.ts';
import { HelpdeskError } from '../../../helpdesk/errors.ts';
import type { ChatId, StaffId, TenantId } from '../../../helpdesk/model.ts';
import type { Helpdesk } from '../../../helpdesk/port.ts';
import type { ChatLine, ChatState } from '../chat/chat.ts';
import { Directory } from '../staff/directory.ts';
import { MAILED_LINES, MAILS_PER_HOUR } from '../limits.ts';
import { isMailAddress, type Mail, type Mailer } from './mailer.ts';
import { type Once, soft } from '../once.ts';
import type { EmbeddedStore } from '../store/port.ts';
import { transcriptOf } from './transcript.ts';

const HOUR_MS = 3_600_000;
const PAGE = 500;

export interface MailDeps {
  readonly tenant: TenantId;
  readonly store: Pick<EmbeddedStore, 'chat' | 'lines'>;
  readonly now: () => number;
  readonly config: () => TenantConfig;
  readonly mailer: () => Mailer | undefined;
  /** Aborted when the helpdesk closes: no mail server keeps it from that. */
  readonly stopping: () => AbortSignal;
}

/** Sends what was said in a chat to somebody by mail. */
export function mailVerb(once: Once, deps: MailDeps): NonNullable<Helpdesk['mail']> {
  const { tenant, store, now } = deps;
  const counts = new MailCounts();
  return (call, id, staff, address) =>
    once(
      call,
      () => undefined,
      async () => {
        const mailer = deps.mailer();
        if (mailer === undefined) throw new HelpdeskError({ is: 'forbidden' });
        if (!isMailAddress(address)) throw new HelpdeskError({ is: 'refused' });
        const kept = await soft(store.chat(tenant, id));
        if (kept === undefined || !wasIn(kept.chat, staff)) throw new HelpdeskError({ is: 'not-found' });
        const retryAfter = counts.take(staff, call.id, now());
        if (retryAfter > 0) throw new HelpdeskError({ is: 'rate-limited', retryAfter });
        const lines = await linesOf(store, tenant, id);
        const config = deps.config();
        const { name = config.domain, timeZone } = config;
        const mail: Mail = {
          to: address,
          sender: name,
          subject: `Your chat with ${name}`,
          text: transcriptOf(kept.chat, lines, {
            helpdesk: name,
            team: new Directory(config).teamName(kept.chat.team),
            timeZone,
            isCut: kept.chat.lastLine > (lines.at(-1)?.number ?? 0),
          }),
          id: createHash('sha256').update(`${tenant} ${call.id}`).digest('hex').slice(0, 32),
        };
        const outcome = await mailer.send(mail, deps.stopping());
        if (outcome === 'refused') throw new HelpdeskError({ is: 'refused' });
        if (outcome === 'later') throw new HelpdeskError({ is: 'unreachable' });
        return true;
      },
    );
}

/** Takes part or listens, or did when it ended. */
function wasIn(chat: ChatState, staff: StaffId): boolean {
  return chat.is !== 'waiting' && (chat.participants.includes(staff) || chat.observers.includes(staff));
}

async function linesOf(store: MailDeps['store'], tenant: TenantId, chat: ChatId): Promise<readonly ChatLine[]> {
  const lines: ChatLine[] = [];
  while (lines.length < MAILED_LINES) {
    const page = await soft(store.lines(tenant, chat, lines.at(-1)?.number ?? 0, PAGE));
    lines.push(...page);
    if (page.length < PAGE) break;
  }
  return lines;
}

/** Mails of the last hour. A call that is made again is counted once. */
class MailCounts {
  readonly #sent = new Map<StaffId, { readonly call: string; readonly at: number }[]>();

  /** Milliseconds until one may be sent; 0: now, and it is counted. */
  take(staff: StaffId, call: string, now: number): number {
    const recent = (this.#sent.get(staff) ?? []).filter(({ at }) => at > now - HOUR_MS);
    this.#sent.set(staff, recent);
    if (recent.some((one) => one.call === call)) return 0;
    const [oldest] = recent;
    if (oldest !== undefined && recent.length >= MAILS_PER_HOUR) return oldest.at + HOUR_MS - now;
    recent.push({ call, at: now });
    return 0;
  }
}
