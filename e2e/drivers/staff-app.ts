import type { PromiseName } from '../support/record.ts';
import type { Surroundings } from '../support/surroundings.ts';

/** Where and as whom a staff user's app logs in. */
export interface Account {
  readonly jid: string;
  readonly password: string;
  /** The server field of the app: a name that is in the certificate. */
  readonly server: string;
  readonly port: number;
}

export interface AppPlace {
  /** A folder of the app's own. */
  readonly folder: string;
  readonly surroundings: Surroundings;
  /** PEM file with what this app may trust, for apps that are told so in their own settings. */
  readonly trusted: string;
}

/** A command in a contact's menu. */
export interface MenuEntry {
  readonly command: string;
  readonly title: string;
  /** What is filled into its form, by the names of the fields. */
  readonly values?: Readonly<Record<string, string>>;
}

/** An IM app as the person sees it who uses it. Addresses are bare JIDs; each `sees…` waits, and fails with the screen. */
export interface StaffApp {
  readonly name: string;
  /** How a person sees here what a chat brings, in words for docs/clients.md; `not`: why the app cannot show it. */
  readonly shows: Readonly<Partial<Record<PromiseName, string | { readonly not: string }>>>;
  /** The first two lines of a new window may have changed places. */
  readonly mixesFirstLines?: true;
  /** Resolves when the app says that it is logged in. */
  seesLogin(): Promise<void>;
  /** Resolves with what the app says when it refuses the server's certificate. */
  seesDistrust(): Promise<string>;
  /** Resolves when the contact is in this group. */
  seesInGroup(group: string, jid: string): Promise<void>;
  /** Resolves when the contact is nowhere on the list, or shown as offline. */
  seesGone(jid: string): Promise<void>;
  /** Resolves with the address that a message with this text came from. */
  seesText(text: string): Promise<string>;
  /** All texts from an address so far, in order. */
  textsFrom(jid: string): readonly string[] | Promise<readonly string[]>;
  /** Resolves when the app shows that the contact types. */
  seesTyping(jid: string): Promise<void>;
  /** The contact's card as the app shows it, once `part` is in it; absent where `shows.card` says why. */
  seesInCard?(jid: string, part: string): Promise<void>;
  says(to: string, text: string): Promise<void>;
  /** Sends a file (XEP-0363), as a person does who has picked it. */
  sendsFile?(to: string, file: string): Promise<void>;
  /** Replaces the last text that was sent here (XEP-0308). */
  corrects?(to: string, right: string): Promise<void>;
  /** Takes back the last text that was sent here (XEP-0424). */
  takesBack?(to: string): Promise<void>;
  /** Reacts to a text that was received (XEP-0444). */
  reacts?(to: string, text: string, emoji: string): Promise<void>;
  /** Answers a text that was received, so that the answer refers to it (XEP-0461). */
  answers?(to: string, text: string, answer: string): Promise<void>;
  /** Runs a command from the contact's menu (XEP-0050); resolves with what the app shows then. */
  runsFromMenu?(to: string, entry: MenuEntry): Promise<string>;
  /** Asks the archive for what was said with the contact (XEP-0313), in apps that do not so at the login. */
  asksArchive?(jid: string): Promise<void>;
  /** When a text was said, as the app shows it: milliseconds; some apps show whole seconds. */
  saidAt?(jid: string, text: string): number | undefined | Promise<number | undefined>;
  /** Begins to type, sends nothing. */
  types(to: string): Promise<void>;
  screen(): string | Promise<string>;
  stop(): Promise<void>;
}
