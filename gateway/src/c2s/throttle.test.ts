import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, settled } from '@chat-gateway/runtime';
import type { TenantId } from '../helpdesk/model.ts';
import { limitsSchema } from '../config/schema.ts';
import { addressKey, ConnectionLimits } from './connection-limits.ts';
import { LoginThrottle } from './throttle.ts';
import { TokenBucket } from './token-bucket.ts';

const acme = 'acme.test' as TenantId;
const beta = 'beta.test' as TenantId;

describe('failed logins', () => {
  const fails = async (throttle: LoginThrottle, address: string, times: number, name = 'jesse'): Promise<void> => {
    for (let time = 0; time < times; time++) (await throttle.attempt(address, acme, name))?.end('failed');
  };
  const isLetIn = async (
    throttle: LoginThrottle,
    address: string,
    tenant: TenantId,
    name: string,
  ): Promise<boolean> => {
    const attempt = await throttle.attempt(address, tenant, name);
    attempt?.end('otherwise');
    return attempt !== undefined;
  };

  it('C14 slow down one name from one address, nobody else', async () => {
    const throttle = new LoginThrottle(new ManualClock());
    await fails(throttle, '192.0.2.1', 10);
    assert.ok(!(await isLetIn(throttle, '192.0.2.1', acme, 'jesse')));
    assert.ok(await isLetIn(throttle, '192.0.2.2', acme, 'jesse'), 'the owner elsewhere');
    assert.ok(await isLetIn(throttle, '192.0.2.1', acme, 'varun'), 'a colleague in the same office');
    assert.ok(await isLetIn(throttle, '192.0.2.1', beta, 'jesse'), 'the same name in another tenant');
  });
  it('C14 slow down an address that tries many names', async () => {
    const throttle = new LoginThrottle(new ManualClock());
    for (let index = 0; index < 100; index++) await fails(throttle, '192.0.2.1', 1, `name${index}`);
    assert.ok(!(await isLetIn(throttle, '192.0.2.1', acme, 'jesse')));
    assert.ok(await isLetIn(throttle, '192.0.2.2', acme, 'jesse'));
  });
  it('C14 of a balancer that does not say whose they are are counted by name only', async () => {
    const throttle = new LoginThrottle(new ManualClock());
    for (let index = 0; index < 150; index++) await fails(throttle, '', 1, `name${index}`);
    assert.ok(await isLetIn(throttle, '', acme, 'jesse'));
    await fails(throttle, '', 10);
    assert.ok(!(await isLetIn(throttle, '', acme, 'jesse')));
  });
  it('C14 side by side are no more than one after the other', async () => {
    const throttle = new LoginThrottle(new ManualClock());
    let made = 0;
    let refused = 0;
    const guess = async (): Promise<void> => {
      const attempt = await throttle.attempt('192.0.2.1', acme, 'jesse');
      if (attempt === undefined) refused++;
      else {
        made++;
        await settled();
        attempt.end('failed');
      }
    };
    await Promise.all(Array.from({ length: 200 }, guess));
    assert.deepEqual([made, refused], [10, 190]);
  });
  it('those who know their password wait for each other, and get in', async () => {
    const throttle = new LoginThrottle(new ManualClock());
    let underWay = 0;
    let most = 0;
    const login = async (name: string): Promise<boolean> => {
      const attempt = await throttle.attempt('192.0.2.1', acme, name);
      most = Math.max(most, ++underWay);
      await settled();
      underWay--;
      attempt?.end('otherwise');
      return attempt !== undefined;
    };
    const all = await Promise.all(Array.from({ length: 500 }, (_, index) => login(`name${index % 60}`)));
    assert.ok(all.every(Boolean));
    assert.equal(most, 100);
  });
  it('who waits for attempts that do not end is let go after 10 s', async () => {
    const clock = new ManualClock();
    const throttle = new LoginThrottle(clock);
    for (let time = 0; time < 10; time++) await throttle.attempt('192.0.2.1', acme, 'jesse');
    const last = throttle.attempt('192.0.2.1', acme, 'jesse');
    await clock.advance(10_000);
    assert.equal(await last, undefined);
  });
  it('are forgotten in time', async () => {
    const clock = new ManualClock();
    const throttle = new LoginThrottle(clock);
    await fails(throttle, '192.0.2.1', 10);
    await clock.advance(60_000);
    assert.ok(await isLetIn(throttle, '192.0.2.1', acme, 'jesse'));
    await fails(throttle, '192.0.2.1', 1);
    assert.ok(!(await isLetIn(throttle, '192.0.2.1', acme, 'jesse')), 'one a minute from here');
  });
  it('names that are too long for anybody count as one after so much', async () => {
    const throttle = new LoginThrottle(new ManualClock());
    const long = 'a'.repeat(512);
    for (let time = 0; time < 10; time++) await fails(throttle, '192.0.2.1', 1, `${long}${time}`);
    assert.ok(!(await isLetIn(throttle, '192.0.2.1', acme, `${long}b`)));
    assert.ok(await isLetIn(throttle, '192.0.2.1', acme, long.slice(1)));
  });
  it('names that run into each other are different names', async () => {
    const throttle = new LoginThrottle(new ManualClock());
    for (let time = 0; time < 10; time++) (await throttle.attempt('a', 'b"c' as TenantId, 'd'))?.end('failed');
    assert.ok(await isLetIn(throttle, 'a', 'b' as TenantId, 'c","d'));
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
    limits.leaveAddress('a');
    assert.ok(limits.takeAddress('a'));
    for (let time = 0; time < 3; time++)
      assert.ok(limits.takeAddress(''), 'a balancer that does not say whose they are');
  });
});
