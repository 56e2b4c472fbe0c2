/** What must go on while a gateway is ill-treated: other tenants are served, the process is well. */
import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type GatewayOnPorts, OTHER } from './gateway-on-ports.ts';
import { WireClient, bind, header, login } from './wire-client.ts';

/** Attacker, gateway and canary share this process, and the machine may be busy: five times what is promised. */
const MOST_DELAY_MS = 500;
const MOST_ANSWER_MS = 5_000;
const MOST_GROWTH = 30_000_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function inUse(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

export class Steadiness {
  readonly #from: WireClient;
  readonly #to: WireClient;
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>;
  readonly #before: number;
  #count = 0;

  private constructor(from: WireClient, to: WireClient) {
    this.#from = from;
    this.#to = to;
    this.#before = inUse();
    this.#delay = monitorEventLoopDelay({ resolution: 10 });
    this.#delay.enable();
  }

  /** Two people of another tenant, who talk to each other. */
  static async watch(gateway: GatewayOnPorts): Promise<Steadiness> {
    const online = async (username: string): Promise<WireClient> => {
      const client = await WireClient.tls(gateway, { servername: OTHER });
      await client.says(header(OTHER), '</stream:features>');
      await client.says(login(username), '<success');
      client.forget();
      await client.says(header(OTHER), '</stream:features>');
      await client.says(bind('canary'), '</iq>');
      await client.says(`<presence/><iq type='get' id='on'><ping xmlns='urn:xmpp:ping'/></iq>`, "id='on'");
      return client;
    };
    return new Steadiness(await online('jesse'), await online('varun'));
  }

  /** A message of theirs arrives in time. */
  async othersAreServed(): Promise<void> {
    const text = `canary ${++this.#count}`;
    const begun = process.hrtime.bigint();
    this.#from.forget();
    this.#to.forget();
    this.#from.write(`<message to='varun@${OTHER}' type='chat' id='c${this.#count}'><body>${text}</body></message>`);
    await this.#to.hears(`<body>${text}</body>`);
    assert.ok(Number(process.hrtime.bigint() - begun) / 1e6 < MOST_ANSWER_MS, 'another tenant waits');
  }

  /** After all: the event loop was never held up, and memory is back. */
  ends(): void {
    this.#delay.disable();
    for (const client of [this.#from, this.#to]) client.close();
    const p99 = this.#delay.percentile(99) / 1e6;
    assert.ok(p99 < MOST_DELAY_MS, `event loop held up for ${p99} ms`);
    const grown = inUse() - this.#before;
    assert.ok(grown < MOST_GROWTH, `${grown} bytes more in use`);
  }
}
