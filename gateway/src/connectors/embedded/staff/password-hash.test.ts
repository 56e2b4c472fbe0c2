import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashPassword, matchesHash, parsePasswordHash } from './password-hash.ts';

const salt = Buffer.from('0123456789abcdef').toString('base64').replaceAll('=', '');
const hash = Buffer.alloc(32, 7).toString('base64').replaceAll('=', '');

describe('password hashes', () => {
  it('a hash made here is salted, and only its own password matches', async () => {
    const [one, two] = [await hashPassword('correct horse'), await hashPassword('correct horse')];
    assert.notEqual(one, two);
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/u);
    const parsed = parsePasswordHash(one);
    assert.ok(parsed);
    assert.equal(await matchesHash(parsed, 'correct horse'), true);
    assert.equal(await matchesHash(parsed, 'Correct horse'), false);
    assert.equal(await matchesHash(parsed, ''), false);
  });

  it('scrypt hashes made elsewhere match (vector of RFC 7914 §12)', async () => {
    const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
    const own = parsePasswordHash(
      `$scrypt$ln=14,r=8,p=1$${text(Buffer.from('SodiumChloride'))}$${text(
        Buffer.from(
          '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
          'hex',
        ),
      )}`,
    );
    assert.ok(own);
    assert.equal(await matchesHash(own, 'pleaseletmein'), true);
  });

  const refused = {
    nothing: '',
    'a plain password': 'secret',
    bcrypt: '$2b$12$abcdefghijklmnopqrstuv',
    argon2i: `$argon2i$v=19$m=19456,t=2,p=1$${salt}$${hash}`,
    'an older argon2 version': `$argon2id$v=16$m=19456,t=2,p=1$${salt}$${hash}`,
    'a gigabyte of memory': `$argon2id$v=19$m=1048576,t=2,p=1$${salt}$${hash}`,
    'a hundred passes': `$argon2id$v=19$m=19456,t=100,p=1$${salt}$${hash}`,
    'no lanes': `$argon2id$v=19$m=19456,t=2,p=0$${salt}$${hash}`,
    'a short salt': `$argon2id$v=19$m=19456,t=2,p=1$YWJj$${hash}`,
    'a short hash': `$argon2id$v=19$m=19456,t=2,p=1$${salt}$YWJjZGVm`,
    'scrypt with N = 2^25': `$scrypt$ln=25,r=8,p=1$${salt}$${hash}`,
    'scrypt of too much memory': `$scrypt$ln=18,r=16,p=1$${salt}$${hash}`,
    'a line end': `$argon2id$v=19$m=19456,t=2,p=1$${salt}$${hash}\n`,
  };
  for (const [name, text] of Object.entries(refused)) {
    it(`refuses ${name}`, () => {
      assert.equal(parsePasswordHash(text), undefined);
    });
  }
});
