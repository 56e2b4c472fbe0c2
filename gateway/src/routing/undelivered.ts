import type { Archive } from '../helpdesk/archive.ts';
import type { StaffId, TenantId } from '../helpdesk/model.ts';

/** A kept text whose reader's last app went away before it proved it waits for the next one. False: it is not kept. */
export async function waitAgain(
  archive: Pick<Archive, 'page' | 'add'>,
  tenant: TenantId,
  reader: StaffId,
  id: string,
): Promise<boolean> {
  const page = await archive.page(tenant, reader, { ids: [id], limit: 1 });
  const [entry] = page?.entries ?? [];
  if (entry?.is !== 'peer' || entry.message.to !== reader) return false;
  await archive.add(tenant, entry.message, true);
  return true;
}
