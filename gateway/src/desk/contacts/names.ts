/**
 * Names that tell people apart. A visitor writes any name, also a colleague's or with letters of another
 * script that look like it; whoever has a name first keeps it, the next one's gets something added.
 */
import type { Staff, StaffId } from '../../helpdesk/model.ts';
import { GATEWAY_NAME } from './addresses.ts';

/** Letters of other scripts, and digits, with the Latin letter that the eye reads. */
const READ_AS = new Map(
  Object.entries({
    а: 'a', е: 'e', о: 'o', р: 'p', с: 'c', у: 'y', х: 'x', і: 'i', ј: 'j', ѕ: 's', к: 'k', м: 'm', т: 't', в: 'b', н: 'h', ԁ: 'd', ѵ: 'v', ԛ: 'q', ԝ: 'w', һ: 'h', ѡ: 'w',
    α: 'a', β: 'b', ε: 'e', η: 'n', ι: 'i', κ: 'k', ν: 'v', ο: 'o', ρ: 'p', τ: 't', υ: 'u', χ: 'x', ω: 'w', γ: 'y',
    ı: 'i', ɑ: 'a', ɡ: 'g', ɩ: 'i', ո: 'n', օ: 'o', ս: 'u', հ: 'h', ց: 'g', ք: 'p',
    '0': 'o', '1': 'i', l: 'i', '|': 'i', '!': 'i', '5': 's', '3': 'e',
  }),
); // prettier-ignore

/** Equal for names that look the same. */
export function looks(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\p{DI}]/gu, '')
    .toLowerCase();
  let read = '';
  for (const character of plain) read += READ_AS.get(character) ?? character;
  return read
    .replace(/[^\p{L}\p{N}]+/gu, '')
    .replace(/rn/gu, 'm')
    .replace(/vv/gu, 'w');
}

/** A name for each staff user: where two look the same, both get their username with it. */
export function namesOfStaff(staff: Iterable<Staff>): Map<StaffId, string> {
  const all = Array.from(staff);
  const counts = new Map<string, number>([[looks(GATEWAY_NAME), 1]]);
  for (const { name } of all) counts.set(looks(name), (counts.get(looks(name)) ?? 0) + 1);
  return new Map(
    all.map(({ id, name, username }) => [id, (counts.get(looks(name)) ?? 0) > 1 ? `${name} (${username})` : name]),
  );
}

/** A name for a visitor that none of `taken` (as by {@link looks}) has. */
export function labelFor(
  name: string,
  isStaff: (looks: string) => boolean,
  isTaken: (looks: string) => boolean,
): string {
  const wanted = name === '' ? 'Visitor' : name;
  const start = isStaff(looks(wanted)) ? `${wanted} (visitor)` : wanted;
  let label = start;
  for (let count = 2; isTaken(looks(label)) || isStaff(looks(label)); count++) label = `${start} (${count})`;
  return label;
}
