import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { ManualClock } from '@chat-gateway/runtime';
import { OpenChats } from './open-chats.ts';
import { peerReader } from './peer.ts';
import { Buckets, Slots } from './rates.ts';

const read = (remoteAddress: string, headers: Record<string, string>, trusted: readonly string[]) =>
  peerReader(trusted)({ socket: { remoteAddress }, headers } as unknown as IncomingMessage);

describe('J05 who asks', () => {
  const proxies = ['10.0.0.0/8', 'fd00::/8'];
  const table: Record<string, [remote: string, forwardedFor: string | undefined, address: string]> = {
    'nobody in between': ['192.0.2.1', undefined, '192.0.2.1'],
    'an IPv4 address in IPv6 form': ['::ffff:192.0.2.1', undefined, '192.0.2.1'],
    'a stranger who claims to be another': ['192.0.2.1', '198.51.100.1', '192.0.2.1'],
    'a trusted proxy': ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
    'two of them': ['10.0.0.1', '198.51.100.1, 10.0.0.2', '198.51.100.1'],
    'a claim in front of what they saw': ['10.0.0.1', '203.0.113.9, 198.51.100.1', '198.51.100.1'],
    'a proxy over IPv6': ['fd00::1', '2001:db8::5', '2001:db8::5'],
    'nonsense from a proxy': ['10.0.0.1', 'unknown', '10.0.0.1'],
    'nonsense in front': ['10.0.0.1', '<script>, 198.51.100.1', '198.51.100.1'],
    'more hops than anybody has': ['10.0.0.1', `${'10.0.0.3, '.repeat(1_000)}10.0.0.2`, '10.0.0.3'],
  };
  for (const [name, [remote, forwardedFor, address]] of Object.entries(table)) {
    it(name, () => {
      const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
      assert.equal(read(remote, headers, proxies).address, address);
    });
  }

  it('counts IPv6 by /64', () => {
    assert.equal(read('2001:db8:1:2:3::4', {}, []).addressKey, read('2001:db8:1:2:ffff::1', {}, []).addressKey);
    assert.notEqual(read('2001:db8:1:2::4', {}, []).addressKey, read('2001:db8:1:3::4', {}, []).addressKey);
  });

  it('takes host and scheme from trusted proxies only', () => {
    const headers = { host: 'inside:8080', 'x-forwarded-host': 'chat.example', 'x-forwarded-proto': 'https' };
    const trusted = read('10.0.0.1', headers, proxies);
    assert.deepEqual([trusted.host, trusted.secure], ['chat.example', true]);
    const stranger = read('192.0.2.1', headers, proxies);
    assert.deepEqual([stranger.host, stranger.secure], ['inside:8080', false]);
  });
});

describe('what is counted', () => {
  it('a bucket says how long to wait, and is one for each key', async () => {
    const clock = new ManualClock();
    const buckets = new Buckets(clock, { perSecond: 2, burst: 1 });
    assert.deepEqual([buckets.take('a'), buckets.take('a'), buckets.take('b')], [0, 500, 0]);
    await clock.advance(500);
    assert.equal(buckets.take('a'), 0);
  });
  it('a slot is given back once', () => {
    const slots = new Slots(1, 2);
    const release = slots.take('a');
    assert.equal(slots.take('a'), undefined);
    release?.();
    release?.();
    assert.ok(slots.take('a') !== undefined && slots.take('b') !== undefined);
    assert.equal(slots.take('c'), undefined);
  });
  it('a chat whose page is silent makes room when its time is over', async () => {
    const clock = new ManualClock();
    const open = new OpenChats(clock, 2);
    open.heard('1', 'a', 1_000);
    open.heard('2', 'a', 5_000);
    assert.equal(open.hasRoom('a'), false);
    await clock.advance(1_000);
    assert.equal(open.hasRoom('a'), true);
    open.heard('1', 'a', 1_000);
    // a page that moves to another network is counted there
    open.heard('1', 'b', 1_000);
    assert.equal(open.hasRoom('a'), true);
  });
});
