/** An app that asks its archive, page by page. */
import assert from 'node:assert/strict';
import { serialize } from '../../src/xmpp/serialize.ts';
import type { XmlElement } from '../../src/xmpp/element.ts';
import type { App } from './app.ts';

export interface ArchivedMessage {
  /** The stanza id. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly message: XmlElement;
  readonly stamp: string;
}

export interface ArchivedPage {
  readonly messages: readonly ArchivedMessage[];
  readonly isComplete: boolean;
}

export interface Wanted {
  readonly with?: string;
  readonly max?: number;
  readonly after?: string;
}

function queryOf({ with: partner, max = 100, after }: Wanted): string {
  const field = partner === undefined ? '' : `<field var='with'><value>${partner}</value></field>`;
  const form = `<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>${field}</x>`;
  const from = after === undefined ? '' : `<after>${after}</after>`;
  const set = `<set xmlns='http://jabber.org/protocol/rsm'><max>${max}</max>${from}</set>`;
  return `<query xmlns='urn:xmpp:mam:2' queryid='f'>${form}${set}</query>`;
}

/** One page; whatever came of it has been taken. */
export async function archivePage(app: App, wanted: Wanted = {}): Promise<ArchivedPage> {
  const reply = await app.iq('set', queryOf(wanted));
  assert.equal(reply.attrs['type'], 'result', serialize(reply));
  const results = app.received.filter((one) => one.getChild('result', 'urn:xmpp:mam:2') !== undefined);
  for (const one of results) app.received.splice(app.received.indexOf(one), 1);
  const messages = results.map((one) => {
    const result = one.getChild('result', 'urn:xmpp:mam:2');
    const forwarded = result?.getChild('forwarded', 'urn:xmpp:forward:0');
    const message = forwarded?.getChild('message', 'jabber:client');
    assert.ok(message !== undefined, serialize(one));
    assert.equal(one.attrs['from'], app.bareJid);
    return {
      id: result?.attrs['id'] ?? '',
      from: message.attrs['from'] ?? '',
      to: message.attrs['to'] ?? '',
      body: message.getChildText('body') ?? '',
      message,
      stamp: forwarded?.getChild('delay')?.attrs['stamp'] ?? '',
    };
  });
  return { messages, isComplete: reply.getChild('fin')?.attrs['complete'] === 'true' };
}

/** All that is there, asked for in pages of this size. */
export async function wholeArchive(app: App, wanted: Wanted = {}): Promise<readonly ArchivedMessage[]> {
  const all: ArchivedMessage[] = [];
  let { after } = wanted;
  for (;;) {
    const page = await archivePage(app, { ...wanted, ...(after === undefined ? {} : { after }) });
    all.push(...page.messages);
    if (page.isComplete) return all;
    after = page.messages.at(-1)?.id;
  }
}
