/** Logins per CPU-second of the server: connect, (TLS,) password, bind, log out. */
import type { Figure } from './figures.ts';
import { type Account, LoadApp, type Way } from './load-app.ts';
import { accountsOf, gateway, startGateway, type Target, type TargetKind } from './targets.ts';

/** So many that none of them logs in too often. */
const STAFF = 2_000;
const AT_ONCE = 16;
const REPEATS = 5;
const ROUND = 2_000;

async function perCpuSecond({ server }: Target, way: Way, all: readonly Account[]): Promise<number[]> {
  let next = 0;
  const keepOn = async (end: number): Promise<number> => {
    let count = 0;
    while (performance.now() < end) {
      const account = all[next++ % all.length];
      if (account === undefined) break;
      const app = await LoadApp.login(way, account, 'bound');
      await app.close();
      count++;
    }
    return count;
  };
  const values: number[] = [];
  // the first round warms up
  for (let round = 0; round <= REPEATS; round++) {
    const before = server.cpu();
    const end = performance.now() + ROUND;
    const counts = await Promise.all(Array.from({ length: AT_ONCE }, () => keepOn(end)));
    const count = counts.reduce((sum, one) => sum + one, 0);
    if (round > 0) values.push(count / (server.cpu() - before));
  }
  return values;
}

async function measured(what: string, of: string, target: Target, way: Way, all: readonly Account[]): Promise<Figure> {
  return { what, of, unit: 'logins/CPU-s', values: await perCpuSecond(target, way, all) };
}

export async function benchLogins(kinds: readonly TargetKind[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kind of kinds) {
    const target = await kind.start(STAFF);
    const { plain, tls } = target.ports;
    const all = accountsOf(kind, STAFF);
    try {
      if (plain !== undefined) {
        figures.push(await measured('logins, plain, no hash', kind.name, target, { port: plain, tls: false }, all));
      }
      figures.push(await measured('logins, TLS, no hash', kind.name, target, { port: tls, tls: true }, all));
    } finally {
      await target.stop();
    }
  }
  const real = await startGateway(STAFF / 10, 'real');
  try {
    const way = { port: real.ports.tls, tls: true };
    figures.push(await measured('logins, TLS, real hash', gateway.name, real, way, accountsOf(gateway, STAFF)));
  } finally {
    await real.stop();
  }
  return figures;
}
