/** The program that the @xmpp/client driver starts: a small IM app that tells its parent what it sees. */
import { client, xml, type XmlNode } from '@xmpp/client';

export type Seen =
  | { readonly is: 'status'; readonly status: string }
  | { readonly is: 'online'; readonly jid: string }
  | { readonly is: 'resumed' }
  | { readonly is: 'unsent' }
  | { readonly is: 'error'; readonly text: string }
  | { readonly is: 'roster'; readonly jid: string; readonly name: string; readonly groups: readonly string[] }
  | { readonly is: 'roster-removed'; readonly jid: string }
  | { readonly is: 'presence'; readonly from: string; readonly type: string; readonly status: string }
  | {
      readonly is: 'message';
      readonly from: string;
      readonly text: string;
      readonly type: string;
      readonly delayed: boolean;
    }
  | { readonly is: 'card'; readonly from: string; readonly text: string }
  | { readonly is: 'chat-state'; readonly from: string; readonly state: string };

export type Asked =
  | { readonly do: 'say'; readonly to: string; readonly text: string; readonly id: string }
  | { readonly do: 'type'; readonly to: string }
  | { readonly do: 'card'; readonly to: string }
  | { readonly do: 'stop' };

const ROSTER = 'jabber:iq:roster';
const STATES = 'http://jabber.org/protocol/chatstates';
const [service = '', domain = '', username = '', resource = ''] = process.argv.slice(2);

const xmpp = client({ service, domain, username, resource, password: process.env['PASSWORD'] ?? '' });
const tell = (seen: Seen): void => void process.send?.(seen);
const bare = (jid: string): string => jid.replace(/\/.*$/su, '');

function tellItem(item: XmlNode): void {
  const jid = item.attrs['jid'] ?? '';
  if (item.attrs['subscription'] === 'remove') tell({ is: 'roster-removed', jid });
  else {
    const groups = item.getChildren('group').map((group) => group.text());
    tell({ is: 'roster', jid, name: item.attrs['name'] ?? '', groups });
  }
}

xmpp.reconnect.delay = 300;
xmpp.on('status', (status) => tell({ is: 'status', status }));
xmpp.on('error', (error) => tell({ is: 'error', text: error.message }));
xmpp.streamManagement.on('resumed', () => tell({ is: 'resumed' }));
xmpp.streamManagement.on('fail', () => tell({ is: 'unsent' }));
xmpp.iqCallee.set(ROSTER, 'query', ({ element }) => {
  for (const item of element.getChildren('item')) tellItem(item);
  return {};
});
xmpp.on('online', (jid) => {
  const begin = async (): Promise<void> => {
    const result = await xmpp.iqCaller.request(xml('iq', { type: 'get' }, xml('query', { xmlns: ROSTER })));
    for (const item of result.getChild('query', ROSTER)?.getChildren('item') ?? []) tellItem(item);
    await xmpp.send(xml('presence'));
    tell({ is: 'online', jid: jid.toString() });
  };
  begin().catch((error: unknown) => tell({ is: 'error', text: String(error) }));
});
xmpp.on('stanza', (stanza) => {
  const from = bare(stanza.attrs['from'] ?? '');
  if (stanza.is('presence')) {
    const { type = 'available' } = stanza.attrs;
    tell({ is: 'presence', from, type, status: stanza.getChildText('status') ?? '' });
  }
  if (!stanza.is('message')) return;
  const state = stanza.getChildElements().find((child) => child.is(child.name, STATES));
  const text = stanza.getChildText('body');
  if (text !== null) {
    const { type = 'normal' } = stanza.attrs;
    tell({ is: 'message', from, text, type, delayed: stanza.getChild('delay', 'urn:xmpp:delay') !== undefined });
  } else if (state !== undefined) tell({ is: 'chat-state', from, state: state.name });
});

process.on('message', (asked: Asked) => {
  const act = async (): Promise<void> => {
    if (asked.do === 'stop') await xmpp.stop();
    else if (asked.do === 'type') {
      await xmpp.send(xml('message', { type: 'chat', to: asked.to }, xml('composing', { xmlns: STATES })));
    } else if (asked.do === 'card') {
      const get = xml('iq', { type: 'get', to: asked.to }, xml('vCard', { xmlns: 'vcard-temp' }));
      tell({ is: 'card', from: asked.to, text: (await xmpp.iqCaller.request(get)).toString() });
    } else {
      const active = xml('active', { xmlns: STATES });
      await xmpp.send(
        xml('message', { type: 'chat', to: asked.to, id: asked.id }, xml('body', {}, asked.text), active),
      );
    }
  };
  // what cannot be sent now is in the queue of stream management
  act().catch((error: unknown) => tell({ is: 'error', text: String(error) }));
});
process.on('disconnect', () => process.exit());

xmpp.start().catch((error: unknown) => tell({ is: 'error', text: String(error) }));
