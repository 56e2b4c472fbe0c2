/** What a person sees on standard output once the gateway runs. Fits 80 columns and a screen of 24 lines. */
import type { DemoAccount } from './demo.ts';

export interface ListeningOn {
  /** Ports; `null` where that listener is off. */
  readonly xmpp: number | null;
  readonly xmppTls: number | null;
  readonly web: number | null;
  readonly webTls: number | null;
  readonly operations: number | null;
}

export interface ScreenFacts {
  readonly version: string;
  readonly ports: ListeningOn;
  /** SHA-256 of the gateway's own certificate, `AB:CD:…`. */
  readonly fingerprint: string;
  readonly selfSigned: boolean;
  /** What people enter as "connect server". */
  readonly hostName: string;
  readonly dataDir: string;
  /** The name of this machine, for apps on others. */
  readonly machine: string;
  readonly color: boolean;
  /** Absent: a configuration of one's own. */
  readonly accounts?: readonly DemoAccount[];
  readonly tenants: readonly string[];
}

interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly link: (text: string) => string;
}

const plain: Style = { bold: (text) => text, dim: (text) => text, link: (text) => text };
const colored: Style = {
  bold: (text) => `\u001b[1m${text}\u001b[0m`,
  dim: (text) => `\u001b[2m${text}\u001b[0m`,
  link: (text) => `\u001b[36m${text}\u001b[0m`,
};

function webAddresses({ web, webTls }: ListeningOn, host: string): readonly string[] {
  const at = (scheme: string, port: number, usual: number) =>
    `${scheme}://${host.includes(':') ? `[${host}]` : host}${port === usual ? '' : `:${port}`}/`;
  return [...(web === null ? [] : [at('http', web, 80)]), ...(webTls === null ? [] : [at('https', webTls, 443)])];
}

function xmppPorts({ xmpp, xmppTls }: ListeningOn): string {
  const ports = [
    ...(xmpp === null ? [] : [`${xmpp} (STARTTLS)`]),
    ...(xmppTls === null ? [] : [`${xmppTls} (direct TLS)`]),
  ];
  return ports.length === 0 ? 'no XMPP port is open' : `port ${ports.join(' or ')}`;
}

/** A fingerprint is 95 characters: two lines of 16 bytes. */
function fingerprintLines(fingerprint: string): readonly [string, string] {
  return [fingerprint.slice(0, 48), fingerprint.slice(48)];
}

function demoScreen(facts: ScreenFacts, accounts: readonly DemoAccount[], style: Style): readonly string[] {
  const [page = 'off', securePage] = webAddresses(facts.ports, 'localhost');
  const columns = (texts: readonly string[]) =>
    texts
      .map(
        (text, index) => style.bold(text) + (index + 1 < texts.length ? ' '.repeat(Math.max(1, 24 - text.length)) : ''),
      )
      .join('');
  const [first, second] = fingerprintLines(facts.fingerprint);
  return [
    `  ${style.bold('Visitors')} write here:`,
    `    ${style.link(page)}${securePage === undefined ? '' : style.dim(`  or  ${securePage}`)}`,
    '',
    `  ${style.bold('Staff')} answer from any IM app, with one of these XMPP accounts:`,
    `    JID          ${columns(accounts.map(({ username }) => `${username}@localhost`))}`,
    `    Password     ${columns(accounts.map(({ password }) => password))}`,
    `    Server       localhost ${style.dim(`(from another computer: ${facts.machine})`)}`,
    `                 ${xmppPorts(facts.ports)}`,
    `    Certificate  ${facts.selfSigned ? 'self-signed: compare' : 'compare'} what the app shows with this SHA-256:`,
    `                 ${first}`,
    `                 ${second}`,
    '',
    `  1. Add an account in the app; enter the server; accept the certificate.`,
    `  2. Open the visitors' page and ask something.`,
    `  3. Reply in the app: that takes the chat. Send ${style.bold('$help')} for what else you can do.`,
    '',
    style.dim(`  Kept in ${facts.dataDir}`),
    style.dim('  Your own helpdesk: "npm start -- --config FILE", see README.md. Ctrl+C stops.'),
  ];
}

function ownScreen(facts: ScreenFacts, style: Style): readonly string[] {
  const some = facts.tenants.slice(0, 3).join(', ');
  const more = facts.tenants.length > 3 ? ` and ${facts.tenants.length - 3} more` : '';
  const pages = webAddresses(facts.ports, facts.hostName);
  const [first, second] = fingerprintLines(facts.fingerprint);
  const operations = facts.ports.operations;
  return [
    `  Tenants      ${facts.tenants.length === 0 ? 'none yet' : `${some}${more}`}`,
    `  XMPP         ${style.bold(facts.hostName)}, ${xmppPorts(facts.ports)}`,
    `  Web          ${pages.length === 0 ? 'off' : pages.join('  ')}`,
    `  Operations   ${operations === null ? 'off' : `port ${operations}`}`,
    `  Certificate  ${facts.selfSigned ? 'self-signed, SHA-256' : 'SHA-256'} ${style.dim(first)}`,
    `               ${facts.selfSigned ? '                    ' : '       '} ${style.dim(second)}`,
    `  Data         ${facts.dataDir}`,
  ];
}

export function screen(facts: ScreenFacts): string {
  const style = facts.color ? colored : plain;
  const body = facts.accounts === undefined ? ownScreen(facts, style) : demoScreen(facts, facts.accounts, style);
  return ['', `  ${style.bold(`Chat Gateway ${facts.version}`)} is running.`, '', ...body, '', ''].join('\n');
}
