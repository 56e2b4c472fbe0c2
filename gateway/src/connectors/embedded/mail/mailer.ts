import type { Clock } from '@chat-gateway/runtime';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { MailConfig } from '../../../config/schema.ts';

export interface Mail {
  /** One address. */
  readonly to: string;
  /** Name of the sender; the address is the configuration's. */
  readonly sender: string;
  readonly subject: string;
  readonly text: string;
  /** The same for a mail that is sent again. */
  readonly id: string;
}

/** `refused`: the server will never take it; `later`: it does not answer, or says that it may take it later. */
export type MailOutcome = 'sent' | 'refused' | 'later';

/** Hands mails to a server. What went wrong is told without addresses and without what was said. */
export interface Mailer {
  /** `stopping`: nobody waits any longer; it is `later` then, unless the server has taken it. */
  send(mail: Mail, stopping?: AbortSignal): Promise<MailOutcome>;
}

const addresses = z.email().max(254);
/** Longest time for each part of the talk with the server, and for all of it. */
const STEP_MS = 10_000;
const WHOLE_MS = 30_000;

export type MailProblem = (problem: { readonly code: string; readonly response?: number }) => void;

export interface SmtpMailerDeps {
  readonly config: MailConfig;
  readonly clock: Clock;
  readonly onProblem: MailProblem;
  /** PEM: who is trusted, in place of those whom the system trusts. */
  readonly ca?: string;
}

/** Over SMTP. A connection for each mail: there are few, and none is left open. */
export function createSmtpMailer({ config, clock, onProblem, ca }: SmtpMailerDeps): Mailer {
  const { host, port, security, username, password, from } = config;
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(username !== undefined && { auth: { user: username, pass: password ?? '' } }),
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    dnsTimeout: STEP_MS,
    ...(ca !== undefined && { tls: { ca } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, sender, subject, text, id }, stopping) {
      if (!isMailAddress(to)) return 'refused';
      if (stopping?.aborted === true) return 'later';
      const whole = new AbortController();
      const stopped = Promise.withResolvers<'later'>();
      const stop = () => {
        whole.abort();
        stopped.resolve('later');
      };
      stopping?.addEventListener('abort', stop);
      const cancel = clock.after(WHOLE_MS, () => {
        whole.abort();
      });
      try {
        const sent = transport.sendMail({
          from: { name: sender, address: from },
          to: { name: '', address: to },
          envelope: { from, to: [to] },
          subject,
          text,
          messageId: `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
          // nobody's absence note comes back, and no list takes it for a question [RFC3834 §5]
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: whole.signal,
        });
        return await Promise.race([sent.then(() => 'sent' as const), stopped.promise]);
      } catch (error) {
        const { code, response } = problemOf(error);
        onProblem({ code, ...(response !== undefined && { response }) });
        return response !== undefined && response >= 500 ? 'refused' : 'later';
      } finally {
        cancel();
        stopping?.removeEventListener('abort', stop);
      }
    },
  };
}

/** One plain address. What else mail knows of addresses (names, groups, quotes, comments) could be a second one. */
export function isMailAddress(text: string): boolean {
  return addresses.safeParse(text).success;
}

/** What may be told of an error: the server's own words may name addresses. */
function problemOf(error: unknown): { readonly code: string; readonly response?: number } {
  if (!(error instanceof Error)) return { code: 'unknown' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const response = 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : undefined;
  return { code, ...(response !== undefined && { response }) };
}
