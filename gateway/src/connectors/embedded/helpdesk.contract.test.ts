import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { HelpdeskSubject } from '../../helpdesk/contract-subject.ts';
import { helpdeskContract } from '../../helpdesk/contract-suite.ts';
import { Bench, type BenchOptions, boss, FILE, jesse, mia, SALES, SUPPORT, TENANT, varun } from './testing/bench.ts';

async function subject(options: BenchOptions = {}, done: () => void = () => undefined): Promise<HelpdeskSubject> {
  const bench = new Bench(options);
  return {
    helpdesk: bench.helpdesk,
    staff: { first: jesse, second: varun, other: mia, observer: boss, banner: boss },
    team: SALES,
    otherTeam: SUPPORT,
    ringMs: 60_000,
    file: FILE,
    visitorAsks: (question, visitor) => bench.asks(question, visitor),
    visitorSees: (chat, line) => {
      bench.site.seen?.(TENANT, bench.ticket(chat), line);
    },
    visitorSays: (chat, text) => bench.says(chat, text),
    visitorEnds: (chat) => bench.site.end(TENANT, bench.ticket(chat)),
    visitorTypes: (chat, on) => {
      bench.site.typing(TENANT, bench.ticket(chat), on);
    },
    leavesMessage: (text) => bench.leavesMessage(text),
    advance: (ms) => bench.advance(ms),
    reopen: () => bench.restart(),
    close: async () => {
      await bench.close();
      done();
    },
  };
}

describe('the embedded helpdesk, in memory', () => {
  helpdeskContract({ describe, it }, () => subject());
});

describe('the embedded helpdesk, in a file', () => {
  helpdeskContract({ describe, it }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'embedded-'));
    return subject({ file: join(folder, 'gateway.sqlite') }, () => {
      rmSync(folder, { recursive: true });
    });
  });
});
