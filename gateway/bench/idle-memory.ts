/** Memory of one idle session: what more sessions add to the resident set of the server, after it tidied up. */
import type { Figure } from './figures.ts';
import { type Account, type LoadApp, logInAll, type Way } from './load-app.ts';
import { accountsOf, startGateway, type Target, type TargetKind } from './targets.ts';

const FEW = 1_000;
const MANY = [2_000, 2_500, 3_000, 3_500, 4_000];
const MOST = 4_000;

async function slope({ server }: Target, all: readonly Account[], way: Way): Promise<number[]> {
  const apps: LoadApp[] = [];
  try {
    apps.push(...(await logInAll(way, all.slice(0, FEW), 'online')));
    const few = await server.memory();
    const values: number[] = [];
    for (const upTo of MANY) {
      apps.push(...(await logInAll(way, all.slice(apps.length, upTo), 'online')));
      values.push(((await server.memory()) - few) / (apps.length - FEW) / 1_024);
    }
    return values;
  } finally {
    for (const app of apps) app.destroy();
  }
}

export async function benchIdleMemory(kinds: readonly TargetKind[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kind of kinds) {
    for (const secured of [false, true]) {
      const target = await kind.start(MOST);
      try {
        const port = secured ? target.ports.tls : target.ports.plain;
        if (port === undefined) continue;
        const what = `memory of an idle session, ${secured ? 'TLS' : 'plain'}`;
        const values = await slope(target, accountsOf(kind, MOST), { port, tls: secured });
        figures.push({ what, of: kind.name, unit: 'KiB', values });
      } finally {
        await target.stop();
      }
    }
  }
  return figures;
}

/** What a tenant of ten staff costs that nobody uses, and the program itself with one. */
export async function benchTenants(): Promise<Figure[]> {
  const sizes: number[] = [];
  for (const tenants of [1, 1_001]) {
    const target = await startGateway(tenants, 'cheap');
    try {
      sizes.push(await target.server.memory());
    } finally {
      await target.stop();
    }
  }
  const [one = Number.NaN, many = Number.NaN] = sizes;
  return [
    { what: 'memory of the program, one tenant', of: 'gateway', unit: 'MiB', values: [one / 2 ** 20] },
    {
      what: 'memory of an idle tenant of ten staff',
      of: 'gateway',
      unit: 'KiB',
      values: [(many - one) / 1_000 / 1_024],
    },
  ];
}
