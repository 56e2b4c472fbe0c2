/** What visitors fill in, cleaned and checked. A field that cannot be right is refused, a claim of the browser's left out. */
import { z } from 'zod';
import { cleanLine, cleanText, isLongerThan, MAX_FIELD, MAX_TEXT } from '../../../text/clean.ts';
import { readUserAgent } from './browser.ts';
import { type FormFields, type LeaveMessageForm, type PageFacts, SiteError, type StartForm } from '../visitor-site.ts';
import type { CardFacts, LeaveMessageInput, StartInput } from './wire.ts';

const MAX_URL = 2_000;
/** Parts of what is one line everywhere else: in a mail's header they would begin another one. */
const LINE_BREAKING = /[\p{Cc}\u2028\u2029]/u;
const messageIds = z.uuid();
const emails = z.email().max(MAX_FIELD);

/** Client-made ids are long and random: they name a message in the store for good. @throws SiteError */
export function messageIdOf(id: string): string {
  if (!messageIds.safeParse(id).success) throw new SiteError('bad-form', 'The message id is not a UUID.');
  return id.toLowerCase();
}

/** @throws SiteError */
export function textOf(text: string, what: string): string {
  if (isLongerThan(text, MAX_TEXT)) throw new SiteError('bad-form', `${what} is longer than ${MAX_TEXT} characters.`);
  const clean = cleanText(text);
  if (cleanLine(clean) === '') throw new SiteError('bad-form', `${what} is empty.`);
  return clean;
}

/** @throws SiteError */
function lineOf(text: string, what: string): string {
  if (LINE_BREAKING.test(text)) throw new SiteError('bad-form', `${what} is not one line.`);
  if (isLongerThan(text, MAX_FIELD)) throw new SiteError('bad-form', `${what} is longer than ${MAX_FIELD} characters.`);
  const clean = cleanLine(text);
  if (clean === '') throw new SiteError('bad-form', `${what} is empty.`);
  return clean;
}

/** @throws SiteError */
function emailOf(text: string): string {
  const email = lineOf(text, 'The e-mail address');
  if (!emails.safeParse(email).success) throw new SiteError('bad-form', 'The e-mail address is not one.');
  return email;
}

const isGiven = (field: string | undefined): field is string => field !== undefined && field.trim() !== '';

/** The answers to what this helpdesk asks, in its order and under its labels. @throws SiteError */
function answersOf(given: StartForm['fields'], asked: FormFields['fields']): NonNullable<StartInput['fields']> {
  return asked.flatMap(({ id, label, required }) => {
    const text = given !== undefined && Object.hasOwn(given, id) ? given[id] : undefined;
    const value = isGiven(text) ? lineOf(text, 'A field') : '';
    if (value === '' && required) throw new SiteError('bad-form', 'A field that is needed is empty.');
    return value === '' ? [] : [{ label: cleanLine(label), value }];
  });
}

type StartFields = Pick<StartInput, 'name' | 'email' | 'phone' | 'fields' | 'question' | 'team' | 'page'>;

/** @throws SiteError */
export function startOf(form: StartForm, asked: FormFields['fields'] = []): StartFields {
  const fields = answersOf(form.fields, asked);
  return {
    name: lineOf(form.name, 'The name'),
    ...(isGiven(form.email) && { email: emailOf(form.email) }),
    ...(isGiven(form.phone) && { phone: lineOf(form.phone, 'The phone number') }),
    ...(fields.length > 0 && { fields }),
    question: textOf(form.question, 'The question'),
    team: form.team,
    page: factsOf(form.page),
  };
}

export function leftMessageOf(form: LeaveMessageForm): Pick<LeaveMessageInput, 'name' | 'email' | 'text' | 'team'> {
  return {
    name: lineOf(form.name, 'The name'),
    email: emailOf(form.email),
    text: textOf(form.text, 'The message'),
    team: form.team,
  };
}

/** The browser's claims as they go onto the visitor's card; what is not of its form is left out. */
export function factsOf(page: PageFacts): CardFacts {
  const line = (text: string | undefined) => {
    const clean = cleanLine(text ?? '');
    return clean === '' ? undefined : clean;
  };
  const timeZone = isTimeZone(page.timeZone) ? page.timeZone : undefined;
  const facts = {
    location: timeZone === undefined ? undefined : locationOf(timeZone),
    pageUrl: urlOf(page.url),
    pageTitle: line(page.title),
    referrer: urlOf(page.referrer),
    ...readUserAgent(page.userAgent),
    language: line(page.language),
    timeZone,
    address: line(page.address),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function urlOf(text: string | undefined): string | undefined {
  if (text === undefined || text.length > MAX_URL) return undefined;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/u.test(url.protocol)) return undefined;
  url.username = '';
  url.password = '';
  return url.href.length > MAX_URL ? undefined : url.href;
}

/**
 * A browser does not say where it is without asking its user. Its time zone is named after a place, and that it is no
 * more than that is said with it: `time zone of Berlin (Europe)`.
 */
function locationOf(timeZone: string): string | undefined {
  const [, area, place] = /^([A-Z][A-Za-z]+(?:\/[A-Za-z_]+)?)\/([A-Za-z_-]+)$/u.exec(timeZone) ?? [];
  if (area === undefined || place === undefined || area === 'Etc') return undefined;
  return `time zone of ${place.replaceAll('_', ' ')} (${area.replaceAll('_', ' ').replace('/', ', ')})`;
}

function isTimeZone(name: string | undefined): name is string {
  if (name === undefined || !/^[A-Za-z0-9_+/-]{1,64}$/u.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
