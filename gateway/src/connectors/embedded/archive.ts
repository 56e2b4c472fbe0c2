import type { Archive } from '../../helpdesk/archive.ts';
import { SENT_AGAIN_MS, WAITING_TEXTS } from './limits.ts';
import { soft } from './once.ts';
import type { EmbeddedStore } from './store/port.ts';

/** Most entries of a page; more than one reply could carry. */
const MAX_PAGE = 500;

type ArchiveStore = Pick<
  EmbeddedStore,
  'write' | 'archivePage' | 'waitingPeerMessages' | 'waitingPeerSize' | 'waitsAlready'
>;

/** The archive of an embedded helpdesk's staff: transcripts and their texts with each other, from the store. */
export function createEmbeddedArchive(store: ArchiveStore): Archive {
  return {
    add: async (tenant, message, waits = false) => {
      if (waits && (await soft(store.waitsAlready(tenant, message, message.at - SENT_AGAIN_MS)))) return 'again';
      await soft(store.write(tenant, [{ is: 'peer-message', message, waits }]));
      return 'kept';
    },
    waiting: (tenant, staff, limit) => soft(store.waitingPeerMessages(tenant, staff, clamped(limit))),
    hasRoom: async (tenant, staff) => {
      const { texts, bytes } = await soft(store.waitingPeerSize(tenant, staff, WAITING_TEXTS.texts));
      return texts < WAITING_TEXTS.texts && bytes < WAITING_TEXTS.bytes;
    },
    arrived: (tenant, staff, ids) => soft(store.write(tenant, [{ is: 'peer-messages-arrived', staff, ids }])),
    page: (tenant, staff, query) => soft(store.archivePage(tenant, staff, { ...query, limit: clamped(query.limit) })),
  };
}

function clamped(limit: number): number {
  return Math.min(Math.max(Math.trunc(limit), 0), MAX_PAGE);
}
