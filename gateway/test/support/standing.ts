/** What an app shows of a visitor at this moment: the last that came of roster and presence, as a person sees it. */
import type { App } from './app.ts';
import { parseXml } from './xml-reader.ts';

export interface Standing {
  /** Group in the list; absent: not in it. */
  readonly group?: string;
  /** Status text, without the time since when. */
  readonly status?: string;
}

/** An app that has just logged in has nothing from before. */
export function standingOf(app: App, visitor: { readonly jid: string; readonly fullJid: string }): Standing {
  let group: string | undefined;
  let status: string | undefined;
  const from = app.transcript.findLastIndex((text) => text.startsWith('→ <auth'));
  for (const text of app.transcript.slice(from)) {
    if (!text.startsWith('← <presence') && !text.startsWith('← <iq')) continue;
    if (!text.includes(visitor.jid) && !text.includes('jabber:iq:roster')) continue;
    const stanza = parseXml(text.slice(2));
    if (stanza.is('presence')) {
      if (stanza.attrs['from'] !== visitor.fullJid) continue;
      const words = stanza.attrs['type'] === 'unavailable' ? undefined : (stanza.getChildText('status') ?? '');
      status = words?.replace(/ since \d\d:\d\d/u, '');
      continue;
    }
    const query = stanza.getChild('query', 'jabber:iq:roster');
    if (query === undefined) continue;
    const item = query.getChildren('item').find(({ attrs }) => attrs['jid'] === visitor.jid);
    if (item !== undefined)
      group = item.attrs['subscription'] === 'remove' ? undefined : (item.getChildText('group') ?? '');
    else if (stanza.attrs['type'] === 'result') group = undefined;
  }
  return { ...(group === undefined ? {} : { group }), ...(status === undefined ? {} : { status }) };
}
