const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string | undefined): Intl.DateTimeFormat {
  const key = timeZone ?? '';
  let format = formats.get(key);
  if (format === undefined) {
    const zone = timeZone === undefined ? {} : { timeZone };
    format = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...zone });
    formats.set(key, format);
  }
  return format;
}

/** `14:02` in this time zone. */
export function timeOfDay(at: number, timeZone: string | undefined): string {
  return formatOf(timeZone).format(at);
}

/** `2026-01-05 14:02` in this time zone. */
export function dateAndTime(at: number, timeZone: string | undefined): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const date = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', ...zone }).format(at);
  return `${date} ${timeOfDay(at, timeZone)}`;
}
