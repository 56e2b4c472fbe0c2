import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeBase64 } from './base64.ts';
import { SaslFailure } from './failure.ts';
import { decodePlain, isOwnAddress, MAX_PASSWORD, readCredentials, usernameOf } from './plain.ts';

const realm = { domain: 'acme.test' };
const byMail = { domain: 'acme.test', usernameDomain: 'acme.com' };
const bytes = (text: string): Buffer => Buffer.from(text);
const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (cause) {
    assert.ok(cause instanceof SaslFailure);
    return cause.condition;
  }
  return 'none';
};

describe('base64 of SASL', () => {
  const refused: Record<string, string> = {
    'C03 a character outside of the alphabet': 'AG*l',
    'C03 white space': 'AGpl c3Nl',
    'C03 a line end': 'AGpl\n',
    'C03 missing padding': 'AGplcw',
    'C03 padding in the middle': 'AG==AGpl',
    'C03 too much padding': 'AG======',
    'C03 the alphabet of URLs': 'AG-_',
    'C03 bits that mean nothing': 'AGplcx==',
  };
  for (const [name, text] of Object.entries(refused))
    it(name, () => {
      assert.equal(
        refusal(() => decodeBase64(text)),
        'incorrect-encoding',
      );
    });
  it('no text is no response, and = is an empty one', () => {
    assert.equal(decodeBase64(''), undefined);
    assert.equal(decodeBase64('=')?.length, 0);
  });
  it('every message comes out as it went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (message) => {
        assert.deepEqual(decodeBase64(Buffer.from(message).toString('base64')), Buffer.from(message));
      }),
    );
  });
});

describe('a PLAIN message', () => {
  const lines: Record<string, readonly [string | Buffer, string]> = {
    'C05 no NUL': ['jesse', 'malformed-request'],
    'C05 one NUL': ['jesse\0secret', 'malformed-request'],
    'C05 three NULs': ['\0jesse\0sec\0ret', 'malformed-request'],
    'no login name': ['\0\0secret', 'malformed-request'],
    'C09 an empty password': ['\0jesse\0', 'not-authorized'],
    'C09 a password that is too long': [`\0jesse\0${'x'.repeat(MAX_PASSWORD + 1)}`, 'not-authorized'],
    'a login name that is too long': [`\0${'x'.repeat(1_024)}\0secret`, 'not-authorized'],
    'octets that are no UTF-8': [Buffer.from([0, 0x6a, 0, 0xff]), 'malformed-request'],
    'an overlong character': [Buffer.from([0, 0xc0, 0x80, 0, 0x61]), 'malformed-request'],
    'a good one': ['\0jesse\0secret', 'none'],
  };
  for (const [name, [message, condition]] of Object.entries(lines))
    it(name, () => {
      assert.equal(
        refusal(() => decodePlain(Buffer.from(message))),
        condition,
      );
    });
  it('C09, C11, C12 the helpdesk gets exactly what was typed', () => {
    const typed = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(typed, (password) => {
        assert.equal(decodePlain(bytes(`\0jesse\0${password}`)).password, password);
      }),
    );
    assert.equal(decodePlain(bytes('\0jesse\r\nX: y\0\ufeffp')).password, '\ufeffp');
  });
});

describe('a login name', () => {
  const lines: Record<string, string> = {
    jesse: 'jesse',
    'jesse@acme.test': 'jesse',
    'Jesse@ACME.test': 'Jesse',
    'jesse@acme.com': 'jesse@acme.com',
    'jesse\\40acme.com': 'jesse@acme.com',
    'jesse\\40acme.com@acme.test': 'jesse@acme.com',
    'jesse@acme.com@acme.test': 'jesse@acme.com',
    'jesse\\20stone': 'jesse stone',
    '@acme.test': '@acme.test',
  };
  for (const [typed, username] of Object.entries(lines))
    it(`${typed} is ${username}`, () => {
      assert.equal(usernameOf(typed, realm), username);
    });
});

describe('an authzid', () => {
  const lines: Record<string, readonly [string, typeof realm, string]> = {
    'empty is usual': ['\0jesse\0x', realm, 'none'],
    'C08 ones own bare JID': ['jesse@acme.test\0jesse\0x', realm, 'none'],
    'C08 in another case': ['JESSE@Acme.Test\0jesse\0x', realm, 'none'],
    'C08 with a whole address as login name': ['jesse@acme.test\0jesse@acme.test\0x', realm, 'none'],
    'C08 escaped': ['jesse\\40acme.com@acme.test\0jesse@acme.com\0x', realm, 'none'],
    'C08 the short form of a login by mail address': ['jesse@acme.test\0jesse@acme.com\0x', byMail, 'none'],
    'C08 the long form of a login by mail address': ['jesse\\40acme.com@acme.test\0jesse\0x', byMail, 'none'],
    'C06 a colleague': ['varun@acme.test\0jesse\0x', realm, 'invalid-authzid'],
    'C07 the same name in another tenant': ['jesse@beta.test\0jesse\0x', realm, 'invalid-authzid'],
    'a full JID': ['jesse@acme.test/desk\0jesse\0x', realm, 'invalid-authzid'],
    'a local part alone': ['jesse\0jesse\0x', realm, 'invalid-authzid'],
    'a domain alone': ['acme.test\0jesse\0x', realm, 'invalid-authzid'],
    'no address at all': ['a@b@c\0jesse\0x', realm, 'invalid-authzid'],
  };
  for (const [name, [message, where, condition]] of Object.entries(lines))
    it(name, () => {
      assert.equal(
        refusal(() => readCredentials(bytes(message), where)),
        condition,
      );
    });
  it('nobody owns an address of somebody else', () => {
    const name = fc.stringMatching(/^[a-z0-9.]{1,12}$/u);
    fc.assert(
      fc.property(name, name, (one, other) => {
        assert.equal(isOwnAddress(`${one}@acme.test`, other, realm), one === other);
      }),
    );
  });
});
