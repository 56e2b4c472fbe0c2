import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '@chat-gateway/runtime';
import type { TenantId } from '../helpdesk/model.ts';
import { limitsSchema } from '../config/schema.ts';
import { addressKey, ConnectionLimits } from './connection-limits.ts';
import { LoginThrottle } from './throttle.ts';
import { TokenBucket } from './token-bucket.ts';

const acme = 'acme.test' as TenantId;
const beta = 'beta.test' as TenantId;

describe('failed logins', () => {
  const fails = (throttle: LoginThrottle, address: string, times: number, name = 'jesse'): void => {
    for (let time = 0; time < times; time++) throttle.failed(address, acme, name);
  };
  it('C14 slow down one name from one address, nobody else', () => {
    const throttle = new LoginThrottle(new ManualClock());
    fails(throttle, '192.0.2.1', 10);
    assert.ok(throttle.isThrottled('192.0.2.1', acme, 'jesse'));
    assert.ok(throttle.isThrottled('192.0.2.1', acme, 'JESSE'));
    assert.ok(!throttle.isThrottled('192.0.2.2', acme, 'jesse'), 'the owner elsewhere');
    assert.ok(!throttle.isThrottled('192.0.2.1', acme, 'varun'), 'a colleague in the same office');
    assert.ok(!throttle.isThrottled('192.0.2.1', beta, 'jesse'), 'the same name in another tenant');
  });
  it('C14 slow down an address that tries many names', () => {
    const throttle = new LoginThrottle(new ManualClock());
    for (let index = 0; index < 100; index++) fails(throttle, '192.0.2.1', 1, `name${index}`);
    assert.ok(throttle.isThrottled('192.0.2.1', acme, 'jesse'));
    assert.ok(!throttle.isThrottled('192.0.2.2', acme, 'jesse'));
  });
  it('are forgotten in time', async () => {
    const clock = new ManualClock();
    const throttle = new LoginThrottle(clock);
    fails(throttle, '192.0.2.1', 10);
    await clock.advance(60_000);
    assert.ok(!throttle.isThrottled('192.0.2.1', acme, 'jesse'));
    fails(throttle, '192.0.2.1', 1);
    assert.ok(throttle.isThrottled('192.0.2.1', acme, 'jesse'), 'one a minute from here');
  });
  it('names that run into each other are different names', () => {
    const throttle = new LoginThrottle(new ManualClock());
    for (let time = 0; time < 10; time++) throttle.failed('a', 'b"c' as TenantId, 'd');
    assert.ok(!throttle.isThrottled('a', 'b' as TenantId, 'c","d'));
  });
});

describe('binds of one account', () => {
  it('D07 have to wait when there are too many', async () => {
    const clock = new ManualClock();
    const throttle = new LoginThrottle(clock);
    for (let time = 0; time < 20; time++) assert.equal(throttle.bindDelay('jesse@acme.test'), 0);
    assert.equal(throttle.bindDelay('jesse@acme.test'), 1_000);
    assert.equal(throttle.bindDelay('varun@acme.test'), 0);
    await clock.advance(2_000);
    assert.equal(throttle.bindDelay('jesse@acme.test'), 0);
  });
});

describe('a token bucket', () => {
  it('gives its burst at once and its rate after that', () => {
    const bucket = new TokenBucket(100, 1_000, 0);
    assert.equal(bucket.take(1_000, 0), 0);
    assert.equal(bucket.take(50, 0), 500);
    assert.equal(bucket.take(0, 250), 250);
    assert.equal(bucket.take(0, 500), 0);
  });
});

describe('connections of one address', () => {
  it('IPv4 counts alone, mapped or not; IPv6 by its /64', () => {
    assert.equal(addressKey('::ffff:192.0.2.1'), addressKey('192.0.2.1'));
    assert.equal(addressKey('2001:db8:1:2:3::4'), addressKey('2001:db8:1:2::9'));
    assert.notEqual(addressKey('2001:db8:1:2::1'), addressKey('2001:db8:1:3::1'));
    assert.equal(addressKey(undefined), '');
  });
  it('R01 are so many at most, and places come back', () => {
    const limits = new ConnectionLimits({ ...limitsSchema.parse({}), connectionsPerAddress: 2 });
    assert.ok(limits.takeAddress('a'));
    assert.ok(limits.takeAddress('a'));
    assert.ok(!limits.takeAddress('a'));
    assert.ok(limits.takeAddress('b'));
    limits.addresses.leave('a');
    assert.ok(limits.takeAddress('a'));
  });
});
