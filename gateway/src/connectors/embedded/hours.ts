import type { z } from 'zod';
import type { hoursSchema } from '../../config/schema.ts';

export type Hours = z.infer<typeof hoursSchema>;

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/**
 * Is it open at `at`, on the wall clocks of that zone? Hours that end before they begin go on into the next day.
 * Daylight saving needs no care: the wall clock is what counts.
 */
export function isOpenAt(hours: Hours | undefined, timeZone: string | undefined, at: number): boolean {
  if (hours === undefined) return true;
  const { day, minute } = wallClock(timeZone, at);
  const today = DAYS[day];
  const yesterday = DAYS[(day + 6) % 7];
  return hours.some(({ days, from, to }) => {
    const [begin, end] = [minuteOf(from), minuteOf(to)];
    const isOn = (name: (typeof DAYS)[number] | undefined) => name !== undefined && days.includes(name);
    if (begin < end) return isOn(today) && minute >= begin && minute < end;
    return (isOn(today) && minute >= begin) || (isOn(yesterday) && minute < end);
  });
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

const formats = new Map<string | undefined, Intl.DateTimeFormat>();

function wallClock(timeZone: string | undefined, at: number): { day: number; minute: number } {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      ...(timeZone !== undefined && { timeZone }),
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const day = DAYS.findIndex((name) => name === parts.get('weekday')?.toLowerCase());
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
}
