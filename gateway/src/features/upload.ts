import { FileError, type FileRules } from '../helpdesk/files.ts';
import { onlyAt } from '../routing/iq.ts';
import { xml } from '../xmpp/element.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { defineFeature } from './feature.ts';

const UPLOAD = 'urn:xmpp:http:upload:0';
const LONGEST_NAME = 255;
const LONGEST_TYPE = 255;

/**
 * The service is at `visitors.<domain>`: apps look for it among the items of the domain, and no other tenant can have
 * that name.
 */
export const upload = defineFeature({
  name: 'HTTP file upload',
  spec: 'XEP-0363 1.2.0',
  scope: 'At `visitors.<domain>`, for tenants that take files and have an https address; types by an allow-list.',
  setup({ onIq, onInfo }, { clock, files }) {
    onInfo(({ session, to }) => {
      const rules = to.is === 'visitors-domain' ? files?.rules(session.tenant.id) : undefined;
      return (
        rules && {
          identity: { category: 'store', type: 'file', name: 'Files' },
          features: [UPLOAD],
          form: { type: UPLOAD, values: { 'max-file-size': String(rules.maxBytes) } },
        }
      );
    });

    onIq('get', UPLOAD, 'request', async (request) => {
      onlyAt(request, 'visitors-domain');
      const { session, payload } = request;
      const rules = files?.rules(session.tenant.id);
      if (files === undefined || rules === undefined) throw new StanzaError('cancel', 'service-unavailable');
      const { filename, size, 'content-type': type } = payload.attrs;
      if (filename === undefined || size === undefined || !/^\d{1,15}$/u.test(size)) {
        throw new StanzaError('modify', 'bad-request', 'A file has a name, and a size in bytes.');
      }
      if (type !== undefined && type.length > LONGEST_TYPE) throw new StanzaError('modify', 'bad-request');
      const file = { name: lastOf(filename), size: Number(size), ...(type !== undefined && { type }) };
      const by = { is: 'staff', staff: session.staff } as const;
      const slot = await files.slot(session.tenant.id, by, file).catch((error: unknown) => {
        throw error instanceof FileError ? stanzaErrorOf(error, rules, clock.now()) : error;
      });
      return xml('slot', UPLOAD, xml('put', { url: slot.putUrl }), xml('get', { url: slot.getUrl }));
    });
  },
});

/** The end of a long name says what the file is. */
function lastOf(name: string): string {
  return name.slice(-LONGEST_NAME).toWellFormed();
}

/** [XEP-0363 §5.2] */
function stanzaErrorOf({ fault, retryAfter = 60_000 }: FileError, rules: FileRules, now: number): StanzaError {
  switch (fault) {
    case 'too-large': {
      const most = xml('file-too-large', UPLOAD, xml('max-file-size', {}, String(rules.maxBytes)));
      const text = `The file is too large: ${inMegabytes(rules.maxBytes)} at most.`;
      return new StanzaError('modify', 'not-acceptable', text, most);
    }
    case 'wrong-type':
      return new StanzaError('modify', 'not-acceptable', 'Files of this kind cannot be sent here.');
    case 'bad-form':
      return new StanzaError('modify', 'bad-request', 'The file is empty.');
    case 'too-many': {
      const retry = xml('retry', { xmlns: UPLOAD, stamp: new Date(now + retryAfter).toISOString() });
      return new StanzaError('wait', 'resource-constraint', 'Too many files, or too much: try again later.', retry);
    }
    case 'off':
    case 'not-found':
      return new StanzaError('cancel', 'service-unavailable');
  }
}

function inMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 102.4) / 10} MiB`;
}
