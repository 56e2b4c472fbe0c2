/** `npm run bench [-- parser logins memory tenants messages visitors rivals]`: without names, all but the rivals. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, machine, spread, table } from './figures.ts';
import { benchIdleMemory, benchTenants } from './idle-memory.ts';
import { benchLogins } from './logins.ts';
import { benchMessages } from './messages.ts';
import { benchParser } from './parser.ts';
import { installedRivals } from './rivals.ts';
import { bareNode, gateway, type TargetKind } from './targets.ts';
import { benchVisitors } from './visitors.ts';

/** What other servers do, too. */
const COMPARED = ['logins', 'memory', 'messages'];

type Bench = (kinds: readonly TargetKind[]) => Promise<Figure[]>;

const benches: Readonly<Record<string, Bench>> = {
  parser: benchParser,
  logins: benchLogins,
  memory: benchIdleMemory,
  tenants: benchTenants,
  messages: benchMessages,
  visitors: benchVisitors,
};

const names = process.argv.slice(2);
const withRivals = names.includes('rivals');
const kinds: TargetKind[] = [gateway, bareNode, ...(withRivals ? installedRivals() : [])];
const chosen = names.filter((name) => name !== 'rivals');
const wanted = chosen.length > 0 ? chosen : withRivals ? COMPARED : Object.keys(benches);
const facts = machine();
const all: Figure[] = [];
console.log(`${facts.cpu}, ${facts.cores} cores, Node ${facts.node}, ${facts.date}\n`);
for (const name of wanted) {
  const bench = benches[name];
  if (bench === undefined) throw new Error(`no benchmark "${name}": there are ${Object.keys(benches).join(', ')}`);
  const figures = await bench(kinds);
  console.log(`${table(figures, 'gateway')}\n`);
  all.push(...figures);
}
const folder = join(import.meta.dirname, '../../artifacts/bench');
mkdirSync(folder, { recursive: true });
const file = join(folder, `${facts.date.replaceAll(':', '-')}.json`);
const figures = all.map((figure) => ({ ...figure, ...spread(figure.values) }));
writeFileSync(file, `${JSON.stringify({ machine: facts, figures }, null, 2)}\n`);
console.log(`Written to ${file}`);
