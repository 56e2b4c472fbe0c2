/** What the two small apps have in common that are made of a library: they are asked, and tell what they see. */
import { until } from '../support/wait.ts';
import type { StaffApp } from './staff-app.ts';

/** What an app tells; addresses are bare JIDs. */
export type Seen =
  | { readonly is: 'online'; readonly jid: string }
  | { readonly is: 'resumed' }
  | { readonly is: 'error'; readonly text: string }
  | { readonly is: 'status'; readonly status: string }
  | { readonly is: 'roster'; readonly jid: string; readonly name: string; readonly groups: readonly string[] }
  | { readonly is: 'roster-removed'; readonly jid: string }
  | { readonly is: 'presence'; readonly from: string; readonly type: string; readonly status: string }
  | {
      readonly is: 'message';
      readonly from: string;
      readonly text: string;
      readonly id: string;
      /** When it was said, if that was earlier. */
      readonly stamp: string | null;
    }
  | { readonly is: 'chat-state'; readonly from: string; readonly state: string }
  | { readonly is: 'card'; readonly from: string; readonly kind: CardKind; readonly text: string }
  | { readonly is: 'menu'; readonly of: string; readonly command: string; readonly text: string };

type CardKind = 'vcard-temp' | 'vcard4';

/** What a text is about: an earlier one of one's own, or one of the other side that is quoted. */
export interface About {
  readonly is: 'correction' | 'retraction' | 'reply';
  readonly of: string;
  readonly quote?: string;
}

/** What an app is asked to do. */
export type Asked = { readonly to: string } & (
  | { readonly do: 'say'; readonly text: string; readonly id: string; readonly about?: About }
  | { readonly do: 'react'; readonly of: string; readonly emoji: string }
  | { readonly do: 'type' }
  | { readonly do: 'card' }
  | { readonly do: 'archive' }
  | { readonly do: 'upload'; readonly file: string }
  | { readonly do: 'run'; readonly command: string; readonly values: Readonly<Record<string, string>> }
);

export interface LibraryApp extends StaffApp {
  readonly seen: readonly Seen[];
  /** Resolves when the stream has been resumed this often. */
  seesResumption(times: number): Promise<void>;
}

interface LibraryAppParts extends Pick<StaffApp, 'name' | 'shows' | 'stop'> {
  /** Grows as the app tells. */
  readonly seen: readonly Seen[];
  readonly ask: (asked: Asked) => void;
  readonly cards: readonly CardKind[];
}

export function libraryApp({ name, shows, seen, ask, cards, stop }: LibraryAppParts): LibraryApp {
  let said = 0;
  const screen = (): string =>
    seen
      .slice(-60)
      .map((one) => JSON.stringify(one))
      .join('\n');
  const see = <T>(what: string, probe: () => T | undefined | false): Promise<T> => until(what, probe, { screen });
  const itemOf = (jid: string): Seen | undefined =>
    seen.findLast((one) => (one.is === 'roster' || one.is === 'roster-removed') && one.jid === jid);
  const messages = () => seen.filter((one) => one.is === 'message');
  const messageOf = (from: string, text: string) =>
    messages().find((message) => message.from === from && message.text === text);
  const say = (to: string, text: string, about?: About): void => {
    said += 1;
    ask({ do: 'say', to, text, id: `said-${said}`, ...(about === undefined ? {} : { about }) });
  };

  return {
    name,
    shows: {
      teams: 'roster',
      request: 'two message stanzas',
      reply: 'a message stanza',
      moved: 'roster push',
      typingToPage: '`<composing/>`',
      end: 'roster push (remove)',
      ...shows,
    },
    seen,
    async seesLogin() {
      await see(`${name} is online`, () => seen.some((one) => one.is === 'online'));
    },
    seesDistrust: () => see(`${name} refuses the certificate`, () => seen.find((one) => one.is === 'error')?.text),
    async seesResumption(times) {
      await see('the stream is resumed', () => seen.filter((one) => one.is === 'resumed').length >= times);
    },
    async seesInGroup(group, jid) {
      await see(`${jid} in the group ${group}`, () => {
        const item = itemOf(jid);
        return item?.is === 'roster' && item.groups.includes(group);
      });
    },
    async seesGone(jid) {
      await see(`${jid} has left`, () => itemOf(jid)?.is === 'roster-removed');
    },
    seesText: (text) =>
      see(`a message with "${text}"`, () => messages().find((message) => message.text.includes(text))?.from),
    textsFrom: (jid) => messages().flatMap((message) => (message.from === jid ? [message.text] : [])),
    saidAt(jid, text) {
      const stamp = messageOf(jid, text)?.stamp;
      return typeof stamp === 'string' ? Date.parse(stamp) : undefined;
    },
    async seesTyping(jid) {
      await see(`${jid} types`, () =>
        seen.some((one) => one.is === 'chat-state' && one.from === jid && one.state === 'composing'),
      );
    },
    async seesInCard(jid, part) {
      ask({ do: 'card', to: jid });
      for (const kind of cards) {
        await see(`the ${kind} of ${jid} shows ${part}`, () =>
          seen.some((one) => one.is === 'card' && one.kind === kind && one.from === jid && one.text.includes(part)),
        );
      }
    },
    async says(to, text) {
      say(to, text);
    },
    async corrects(to, right) {
      say(to, right, { is: 'correction', of: `said-${said}` });
    },
    async takesBack(to) {
      say(to, 'took back a message', { is: 'retraction', of: `said-${said}` });
    },
    async answers(to, text, answer) {
      say(to, answer, { is: 'reply', of: messageOf(to, text)?.id ?? '', quote: text });
    },
    async reacts(to, text, emoji) {
      ask({ do: 'react', to, of: messageOf(to, text)?.id ?? '', emoji });
    },
    async sendsFile(to, file) {
      ask({ do: 'upload', to, file });
    },
    async asksArchive(jid) {
      ask({ do: 'archive', to: jid });
    },
    async runsFromMenu(of, { command, values = {} }) {
      const before = seen.length;
      ask({ do: 'run', to: of, command, values });
      return see(`what came of ${command}`, () =>
        seen
          .slice(before)
          .flatMap((one) => (one.is === 'menu' && one.of === of && one.command === command ? [one.text] : []))
          .at(0),
      );
    },
    async types(to) {
      ask({ do: 'type', to });
    },
    screen,
    stop,
  };
}
