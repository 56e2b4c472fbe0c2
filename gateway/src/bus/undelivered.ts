import type { Item } from './messages.ts';
import type { OutboxEntry } from './port.ts';

/** An outbox entry with the time at which it was put there. */
export interface KeptEntry extends OutboxEntry {
  readonly given: number;
}

/**
 * What a session that is over leaves behind, and nobody else repeats: what colleagues wrote and nobody keeps, notices,
 * refusals and receipts that its app did not prove. What carries a `proof` is repeated by who gave it that: lines of
 * chats and requests by their desk, kept texts of colleagues by the edge.
 */
export function undelivered(outbox: readonly KeptEntry[]): Item[] {
  return outbox.flatMap(({ item, given }): Item[] => {
    switch (item.kind) {
      case 'message':
        return item.proof === undefined && item.own === undefined ? [{ ...item, at: item.at ?? given }] : [];
      case 'refusal':
      case 'receipt':
        return [item];
      default:
        return [];
    }
  });
}

/** A colleague's message that reached no app: what its sender is told, and who that is. */
export function returned(item: Item, recipient: string): { readonly to: string; readonly item: Item } | undefined {
  if (item.kind !== 'message' || item.peer === undefined || item.peer.copyOf !== undefined) return undefined;
  const refusal: Item = {
    kind: 'refusal',
    from: recipient,
    ...(item.peer.id !== undefined && { of: item.peer.id }),
    condition: 'service-unavailable',
    text: 'Not delivered: the app went away before it got this.',
  };
  return { to: item.from.split('/', 1)[0] ?? item.from, item: refusal };
}
