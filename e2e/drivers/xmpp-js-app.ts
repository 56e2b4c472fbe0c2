/** The program that the @xmpp/client driver starts: a small IM app that tells its parent what it sees. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { client, xml, type XmlNode } from '@xmpp/client';
import type { About, Asked, Seen } from './library-app.ts';

const ROSTER = 'jabber:iq:roster';
const STATES = 'http://jabber.org/protocol/chatstates';
const UPLOAD = 'urn:xmpp:http:upload:0';
const COMMANDS = 'http://jabber.org/protocol/commands';
const FORM = 'jabber:x:data';
const ARCHIVE = 'urn:xmpp:mam:2';
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

function tellMessage(message: XmlNode, stamp: string | null): void {
  const { from = '', id = '' } = message.attrs;
  const text = message.getChildText('body');
  if (text !== null) tell({ is: 'message', from: bare(from), text, id, stamp });
}

xmpp.reconnect.delay = 300;
xmpp.on('status', (status) => tell({ is: 'status', status }));
xmpp.on('error', (error) => tell({ is: 'error', text: error.message }));
xmpp.streamManagement.on('resumed', () => tell({ is: 'resumed' }));
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
  const archived = stanza.getChild('result', ARCHIVE)?.getChild('forwarded', 'urn:xmpp:forward:0');
  if (archived !== undefined) {
    const message = archived.getChild('message');
    const stamp = archived.getChild('delay', 'urn:xmpp:delay')?.attrs['stamp'] ?? null;
    if (message !== undefined) tellMessage(message, stamp);
    return;
  }
  const from = bare(stanza.attrs['from'] ?? '');
  if (stanza.is('presence')) {
    const { type = 'available' } = stanza.attrs;
    tell({ is: 'presence', from, type, status: stanza.getChildText('status') ?? '' });
  }
  if (!stanza.is('message')) return;
  const state = stanza.getChildElements().find((child) => child.is(child.name, STATES));
  if (stanza.getChildText('body') !== null) {
    tellMessage(stanza, stanza.getChild('delay', 'urn:xmpp:delay')?.attrs['stamp'] ?? null);
  } else if (state !== undefined) tell({ is: 'chat-state', from, state: state.name });
});

/** With the text that apps show which do not know it [XEP-0428]. */
function aboutElements({ is, of }: About, to: string, fallback: number): readonly XmlNode[] {
  const FALLBACK = 'urn:xmpp:fallback:0';
  switch (is) {
    case 'correction':
      return [xml('replace', { xmlns: 'urn:xmpp:message-correct:0', id: of })];
    case 'retraction': {
      const retract = 'urn:xmpp:message-retract:1';
      return [xml('retract', { xmlns: retract, id: of }), xml('fallback', { xmlns: FALLBACK, for: retract })];
    }
    case 'reply': {
      const reply = 'urn:xmpp:reply:0';
      const quote = xml('body', { start: '0', end: String(fallback) });
      return [xml('reply', { xmlns: reply, to, id: of }), xml('fallback', { xmlns: FALLBACK, for: reply }, quote)];
    }
  }
}

/** [XEP-0363 §4, §5] [XEP-0066 §2] */
async function upload(to: string, file: string): Promise<void> {
  const content = await readFile(file);
  const about = { filename: basename(file), size: String(content.length), 'content-type': 'image/png' };
  const request = xml('iq', { type: 'get', to: `visitors.${domain}` }, xml('request', { xmlns: UPLOAD, ...about }));
  const slot = (await xmpp.iqCaller.request(request)).getChild('slot', UPLOAD);
  const put = slot?.getChild('put')?.attrs['url'] ?? '';
  const url = slot?.getChild('get')?.attrs['url'] ?? '';
  const stored = await fetch(put, { method: 'PUT', body: content, headers: { 'Content-Type': 'image/png' } });
  if (!stored.ok) throw new Error(`the file was not stored: ${stored.status}`);
  const outOfBand = xml('x', { xmlns: 'jabber:x:oob' }, xml('url', {}, url));
  await xmpp.send(xml('message', { type: 'chat', to, id: about.filename }, xml('body', {}, url), outOfBand));
}

/** [XEP-0313 §4.1] */
async function askArchive(jid: string): Promise<void> {
  const field = (name: string, value: string): XmlNode => xml('field', { var: name }, xml('value', {}, value));
  const form = xml('x', { xmlns: FORM, type: 'submit' }, field('FORM_TYPE', ARCHIVE), field('with', jid));
  await xmpp.iqCaller.request(xml('iq', { type: 'set' }, xml('query', { xmlns: ARCHIVE }, form)));
}

/** [XEP-0050 §2.2, §2.4]: what is in the menu is run, its form is filled in, and what comes of it is told. */
async function run(of: string, command: string, values: Readonly<Record<string, string>>): Promise<void> {
  const to = `${of}/chat`;
  const items = xml('query', { xmlns: 'http://jabber.org/protocol/disco#items', node: COMMANDS });
  const menu = (await xmpp.iqCaller.request(xml('iq', { type: 'get', to }, items))).getChild('query');
  const entry = menu?.getChildren('item').find(({ attrs }) => attrs['node'] === command);
  if (entry === undefined) throw new Error(`the menu has no ${command}`);
  const execute = xml('command', { xmlns: COMMANDS, node: command, action: 'execute' });
  let answer = (await xmpp.iqCaller.request(xml('iq', { type: 'set', to }, execute))).getChild('command', COMMANDS);
  const form = answer?.getChild('x', FORM);
  if (form !== undefined) {
    const fields = form.getChildren('field').map((field) => {
      const name = field.attrs['var'] ?? '';
      return xml('field', { var: name }, xml('value', {}, values[name] ?? field.getChildText('value') ?? ''));
    });
    const filled = xml('x', { xmlns: FORM, type: 'submit' }, ...fields);
    const session = answer?.attrs['sessionid'] ?? '';
    const complete = xml('command', { xmlns: COMMANDS, node: command, sessionid: session, action: 'complete' }, filled);
    answer = (await xmpp.iqCaller.request(xml('iq', { type: 'set', to }, complete))).getChild('command', COMMANDS);
  }
  tell({ is: 'menu', of, command, text: answer?.getChildText('note') ?? '' });
}

async function act(asked: Asked): Promise<void> {
  const { to } = asked;
  const message = (...children: readonly XmlNode[]): XmlNode => xml('message', { type: 'chat', to }, ...children);
  switch (asked.do) {
    case 'say': {
      const { about, text, id } = asked;
      const quote = about?.quote === undefined ? '' : `> ${about.quote}\n`;
      const more = about === undefined ? [] : aboutElements(about, to, quote.length);
      const children = [xml('body', {}, quote + text), xml('active', { xmlns: STATES }), ...more];
      return xmpp.send(xml('message', { type: 'chat', to, id }, ...children));
    }
    case 'react': {
      const reaction = xml('reaction', {}, asked.emoji);
      return xmpp.send(message(xml('reactions', { xmlns: 'urn:xmpp:reactions:0', id: asked.of }, reaction)));
    }
    case 'type':
      return xmpp.send(message(xml('composing', { xmlns: STATES })));
    case 'card': {
      const get = xml('iq', { type: 'get', to }, xml('vCard', { xmlns: 'vcard-temp' }));
      const text = (await xmpp.iqCaller.request(get)).toString();
      return tell({ is: 'card', from: to, kind: 'vcard-temp', text });
    }
    case 'archive':
      return askArchive(to);
    case 'upload':
      return upload(to, asked.file);
    case 'run':
      return run(to, asked.command, asked.values);
  }
}

process.on('message', (asked: Asked) => {
  // what cannot be sent now is in the queue of stream management
  act(asked).catch((error: unknown) => tell({ is: 'error', text: String(error) }));
});
process.on('disconnect', () => process.exit());

xmpp.start().catch((error: unknown) => tell({ is: 'error', text: String(error) }));
