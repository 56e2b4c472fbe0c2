import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { screen, type ScreenFacts } from './screen.ts';

const facts: ScreenFacts = {
  version: '0.1.0',
  ports: { xmpp: 5222, xmppTls: 5223, web: 8080, webTls: 8443, operations: 9090 },
  fingerprint: Array(32).fill('AB').join(':'),
  selfSigned: true,
  hostName: 'localhost',
  dataDir: '/home/somebody/projects/chat-gateway/data',
  machine: 'workstation',
  color: false,
  tenants: ['localhost'],
  accounts: [
    { username: 'jesse', name: 'Jesse Reyes', password: 'abcd-efgh-ijkm' },
    { username: 'varun', name: 'Varun Shah', password: 'nopq-rstu-vwxy' },
  ],
};
const { accounts: _, ...own } = facts;
const ESCAPE = String.fromCodePoint(0x1b);

describe('the screen of a newcomer', () => {
  const shown = screen(facts);
  const needed = {
    'the JIDs': /jesse@localhost +varun@localhost/u,
    'their passwords': /abcd-efgh-ijkm +nopq-rstu-vwxy/u,
    'the server': /Server +localhost/u,
    'its ports': /port 5222 \(STARTTLS\) or 5223 \(direct TLS\)/u,
    'the fingerprint': new RegExp(`${Array(16).fill('AB').join(':')}:\\s+${Array(16).fill('AB').join(':')}\\n`, 'u'),
    'the page of the visitors': /http:\/\/localhost:8080\/ +or +https:\/\/localhost:8443\//u,
    'three steps': /1\. .+\n +2\. .+\n +3\. /u,
  };
  for (const [name, pattern] of Object.entries(needed)) {
    it(`has ${name}`, () => {
      assert.match(shown, pattern);
    });
  }
  it('fits a terminal of 80 columns and 24 lines', () => {
    const lines = shown.split('\n');
    assert.ok(lines.length <= 24, `${lines.length} lines`);
    for (const line of lines) assert.ok(line.length <= 80, `${line.length}: ${line}`);
  });
  it('is the same with color, once the color is taken away', () => {
    const colored = screen({ ...facts, color: true });
    assert.ok(colored.includes(ESCAPE));
    assert.equal(colored.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'gu'), ''), shown);
  });
  it('has no color where none is wanted', () => {
    assert.ok(!shown.includes(ESCAPE));
  });
  it('shows the ports that are really open', () => {
    const other = screen({ ...facts, ports: { xmpp: 41_001, xmppTls: null, web: 80, webTls: null, operations: null } });
    assert.match(other, /port 41001 \(STARTTLS\)\n/u);
    assert.match(other, /http:\/\/localhost\/\n/u);
    assert.ok(!other.includes('https:'));
  });
});

describe("the screen of somebody's own configuration", () => {
  it('has tenants, ports, addresses, fingerprint and data folder', () => {
    const shown = screen({
      ...own,
      selfSigned: false,
      hostName: 'chat.example.com',
      tenants: ['a.example', 'b.example', 'c.example', 'd.example'],
    });
    assert.match(shown, /a\.example, b\.example, c\.example and 1 more/u);
    assert.match(shown, /chat\.example\.com, port 5222/u);
    assert.match(shown, /https:\/\/chat\.example\.com:8443\//u);
    assert.ok(!shown.includes('self-signed'));
    for (const line of shown.split('\n')) assert.ok(line.length <= 80, line);
  });
});
