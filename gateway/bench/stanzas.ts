/** What real apps and servers send: a stream to read again and again. */

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const message = (at: number): string =>
  `<message to='chris-${at}@visitors.acme.example/chat' type='chat' id='5c2f${at}'><body>Could you have a look at order 47${at}? The customer says that the parcel never came &amp; asks for a refund.</body><active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/><origin-id xmlns='urn:xmpp:sid:0' id='5c2f${at}'/></message>`;

const presence = (at: number): string =>
  `<presence id='p${at}'><show>away</show><status>Back at ${at % 12} o'clock</status><priority>5</priority><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://gajim.org' ver='9P2fqN5n1nvw${at}='/></presence>`;

const rosterItem = (at: number): string =>
  `<item jid='colleague.${at}@acme.example' name='Colleague ${at}' subscription='both'><group>Sales</group></item>`;

const roster = `<iq type='result' id='roster' to='jesse@acme.example/app-1'><query xmlns='jabber:iq:roster' ver='v7'>${Array.from(
  { length: 200 },
  (_, at) => rosterItem(at),
).join('')}</query></iq>`;

const photo = Buffer.from(Uint8Array.from({ length: 15_000 }, (_, at) => (at * 7_919) & 0xff)).toString('base64');
const card = `<iq type='set' id='card'><vCard xmlns='vcard-temp'><FN>Jesse Reyes</FN><PHOTO><TYPE>image/png</TYPE><BINVAL>${photo}</BINVAL></PHOTO></vCard></iq>`;

const world = (at: number): string =>
  `<message to='chris-${at}@visitors.acme.example/chat' type='chat' id='w${at}'><body>${escaped('Ja, gerne – Ihre Bestellung № 4711 kommt über Köln. 配送状況をご確認ください。👍🏽 Спасибо!')}</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>`;

export interface Corpus {
  readonly name: string;
  readonly stanzas: readonly string[];
}

const times = (count: number, make: (at: number) => string): string[] =>
  Array.from({ length: count }, (_, at) => make(at));

export const corpora: readonly Corpus[] = [
  { name: 'messages', stanzas: times(400, message) },
  { name: 'presence', stanzas: times(400, presence) },
  { name: 'roster of 200', stanzas: times(8, () => roster) },
  { name: 'vCard with photo', stanzas: times(8, () => card) },
  { name: 'messages, not ASCII', stanzas: times(400, world) },
];

export const HEADER =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='acme.example'>";
