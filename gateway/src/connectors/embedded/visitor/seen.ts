import type { ChatHint } from '../../../bus/port.ts';
import type { ChatId, StaffId, TenantId } from '../../../helpdesk/model.ts';
import type { Floor } from '../floor.ts';
import { soft, type Work } from '../once.ts';
import type { EmbeddedStore } from '../store/port.ts';

export interface SeenDeps {
  readonly tenant: TenantId;
  readonly store: Pick<EmbeddedStore, 'findLine'>;
  readonly floor: () => Floor | undefined;
  readonly turn: (work: Work) => Promise<void>;
  readonly wake: (chat: ChatId, hint: ChatHint) => void;
}

/** An app of somebody who takes part has shown the lines up to this one; the visitor's page says so. */
export async function staffHaveSeen(deps: SeenDeps, id: ChatId, staff: StaffId, lineId: string): Promise<void> {
  const isNews = (number: number) => {
    const chat = deps.floor()?.chats.get(id);
    return chat?.is === 'running' && chat.participants.includes(staff) && number > (chat.seen ?? 0);
  };
  if (!isNews(Infinity)) return;
  const line = await soft(deps.store.findLine(deps.tenant, id, { id: lineId }));
  if (line === undefined || !isNews(line.number)) return;
  await deps.turn((turn, floor) => {
    const chat = floor.chats.get(id);
    if (chat !== undefined && line.number > (chat.seen ?? 0)) turn.put({ ...chat, seen: line.number });
  });
  deps.wake(id, { type: 'seen', line: line.number });
}
