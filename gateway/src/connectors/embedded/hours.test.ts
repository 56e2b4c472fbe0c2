import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Hours, isOpenAt } from './hours.ts';

const office: Hours = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:30' }];
const night: Hours = [{ days: ['fri'], from: '22:00', to: '02:00' }];
const always: Hours = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '24:00' }];
/** In the night to Sunday 2026-03-29 Berlin goes from 02:00 to 03:00, on 2026-10-25 from 03:00 back to 02:00. */
const sunday: Hours = [{ days: ['sun'], from: '03:00', to: '04:00' }];

describe('business hours', () => {
  const table: Record<string, [Hours | undefined, string | undefined, string, boolean]> = {
    'without hours it is always open': [undefined, 'Europe/Berlin', '2026-01-04T03:00Z', true],
    'no hours at all: never open': [[], 'Europe/Berlin', '2026-01-05T12:00Z', false],
    'from is inclusive': [office, 'Europe/Berlin', '2026-01-05T08:00Z', true],
    'a minute before it is closed': [office, 'Europe/Berlin', '2026-01-05T07:59:59Z', false],
    'to is exclusive': [office, 'Europe/Berlin', '2026-01-05T16:30Z', false],
    'the last minute is open': [office, 'Europe/Berlin', '2026-01-05T16:29:59Z', true],
    'on a Saturday it is closed': [office, 'Europe/Berlin', '2026-01-10T11:00Z', false],
    'in summer the same wall clock is an hour earlier': [office, 'Europe/Berlin', '2026-07-06T07:00Z', true],
    'and not an hour later': [office, 'Europe/Berlin', '2026-07-06T15:30Z', false],
    'the day is that of the zone: Monday in Auckland': [office, 'Pacific/Auckland', '2026-01-04T21:00Z', true],
    'and still Friday in Los Angeles': [office, 'America/Los_Angeles', '2026-01-10T00:00Z', true],
    'a half-hour zone': [office, 'Asia/Kolkata', '2026-01-05T03:30Z', true],
    'over midnight, before it': [night, 'UTC', '2026-01-09T23:00Z', true],
    'over midnight, after it': [night, 'UTC', '2026-01-10T01:59Z', true],
    'over midnight, the end': [night, 'UTC', '2026-01-10T02:00Z', false],
    'over midnight, not from the day before': [night, 'UTC', '2026-01-09T01:00Z', false],
    'midnight belongs to the new day': [always, 'Europe/Berlin', '2026-01-04T23:00Z', true],
    '24:00 is the end of the day': [always, 'UTC', '2026-01-05T23:59:59Z', true],
    'the hour that the spring skips begins at 03:00': [sunday, 'Europe/Berlin', '2026-03-29T01:00Z', true],
    'just before it is 01:59': [sunday, 'Europe/Berlin', '2026-03-29T00:59:59Z', false],
    'in autumn the hour after the doubled one': [sunday, 'Europe/Berlin', '2026-10-25T02:00Z', true],
    'and not the second 02:30': [sunday, 'Europe/Berlin', '2026-10-25T01:30Z', false],
  };
  for (const [name, [hours, zone, at, expected]] of Object.entries(table)) {
    it(name, () => {
      assert.equal(isOpenAt(hours, zone, Date.parse(at)), expected);
    });
  }
});
