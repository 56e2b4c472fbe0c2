/** Logins per CPU-second of the server: connect, (TLS,) password, bind, log out. */
import type { Figure } from './figures.ts';
import { type Account, inParallel, LoadApp, type Way } from './load-app.ts';
import { accounts } from './population.ts';
import { accountsOf, startGateway, type Target, type TargetKind } from './targets.ts';

const STAFF = 400;
const AT_ONCE = 16;
const REPEATS = 5;

async function perCpuSecond({ server }: Target, all: readonly Account[], way: Way, count: number): Promise<number[]> {
  const round = async (number: number, many: number): Promise<number> => {
    // a name logs in once in a while only
    const some = Array.from({ length: many }, (_, at) => all[(number * many + at) % all.length] ?? all[0]);
    const before = server.cpu();
    await inParallel(some, AT_ONCE, async (account) => {
      if (account === undefined) return;
      const app = await LoadApp.login(way, account, 'bound');
      await app.close();
    });
    return many / (server.cpu() - before);
  };
  // it warms up
  await round(0, count);
  const values: number[] = [];
  for (let number = 1; number <= REPEATS; number++) values.push(await round(number, count));
  return values;
}

export async function benchLogins(kinds: readonly TargetKind[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kind of kinds) {
    const target = await kind.start(STAFF);
    try {
      const { plain, tls } = target.ports;
      const all = accountsOf(kind, STAFF);
      const figure = (what: string, values: number[]) =>
        figures.push({ what, of: kind.name, unit: 'logins/CPU-s', values });
      if (plain !== undefined)
        figure('logins, plain, no hash', await perCpuSecond(target, all, { port: plain, tls: false }, 3 * STAFF));
      figure('logins, TLS, no hash', await perCpuSecond(target, all, { port: tls, tls: true }, STAFF));
    } finally {
      await target.stop();
    }
  }
  const real = await startGateway(STAFF / 10, 'real');
  try {
    const values = await perCpuSecond(real, accounts(STAFF), { port: real.ports.tls, tls: true }, 40);
    figures.push({ what: 'logins, TLS, real hash', of: 'gateway', unit: 'logins/CPU-s', values });
  } finally {
    await real.stop();
  }
  return figures;
}
