import type { Archive } from '../helpdesk/archive.ts';
import type { StaffId, TenantId } from '../helpdesk/model.ts';

const TEXT = 'text ';

/** The mark by which an edge hears that an app has got a text of a colleague. */
export function proofOfText(stanzaId: string): string {
  return `${TEXT}${stanzaId}`;
}

/** The stanza id of the text that was proved; `undefined`: the mark is a desk's. */
export function textProved(proof: string): string | undefined {
  return proof.startsWith(TEXT) ? proof.slice(TEXT.length) : undefined;
}

interface Proved {
  readonly archive: Archive;
  readonly tenant: TenantId;
  readonly staff: StaffId;
  readonly ids: string[];
}

/**
 * Texts that an app has got, on their way to the archive: nobody waits for it, and what is proved while one write is
 * under way is in the next one. A text whose proof is not written is given again, with its time.
 */
export class ProvedTexts {
  #waiting = new Map<string, Proved>();
  #writing: Promise<void> | undefined;

  add(archive: Archive, tenant: TenantId, staff: StaffId, id: string): void {
    const reader = `${tenant} ${staff}`;
    const known = this.#waiting.get(reader);
    if (known === undefined) this.#waiting.set(reader, { archive, tenant, staff, ids: [id] });
    else known.ids.push(id);
    this.#writing ??= this.#write();
  }

  /** All that was proved until now is written, or cannot be. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = Array.from(this.#waiting.values());
      this.#waiting = new Map();
      await Promise.allSettled(batch.map(({ archive, tenant, staff, ids }) => archive.arrived(tenant, staff, ids)));
    }
    this.#writing = undefined;
  }
}
