import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalDomain, escapeLocal, makeJid, parseJid, unescapeLocal } from './jid.ts';

/** Milliseconds that this process has worked: other processes do not count. */
const cpuTime = (): number => process.cpuUsage().user / 1000;

describe('a well-formed address', () => {
  const addresses: Record<string, [string, string]> = {
    'a domain alone': ['acme.example', 'acme.example'],
    'a bare address': ['jesse@acme.example', 'jesse@acme.example'],
    'a full address': ['jesse@acme.example/phone', 'jesse@acme.example/phone'],
    'a resource with separators in it': ['jesse@acme.example/a/b@c', 'jesse@acme.example/a/b@c'],
    'a domain with a resource': ['acme.example/x', 'acme.example/x'],
    'D13 case variants of local and domain are one identity': ['JeSSe@ACME.Example', 'jesse@acme.example'],
    'D13 the case of a resource is kept': ['jesse@acme.example/Phone', 'jesse@acme.example/Phone'],
    'D10 full-width letters are the ordinary ones': ['ＡＤＭＩＮ@acme.example', 'admin@acme.example'],
    'D10 the Kelvin sign is the letter k': ['\u212aevin@acme.example', 'kevin@acme.example'],
    'a decomposed letter is the composed one': ['rene\u0301@acme.example', 'ren\u00e9@acme.example'],
    'an escaped local is kept': ['jesse\\40acme.com@acme.example', 'jesse\\40acme.com@acme.example'],
    'an escape in capitals is the one in small letters': ['a\\2Fb@acme.example', 'a\\2fb@acme.example'],
    'a final dot is dropped': ['jesse@acme.example.', 'jesse@acme.example'],
    'a domain in the letters of its language': ['jesse@faß.example', 'jesse@xn--fa-hia.example'],
    'full-width dots separate labels too': ['jesse@acme。example', 'jesse@acme.example'],
    'an IPv4 address': ['jesse@192.0.2.1', 'jesse@192.0.2.1'],
    'an IPv6 address': ['jesse@[2001:DB8::1]', 'jesse@[2001:db8::1]'],
    'a resource in any script, with spaces and symbols': ['a@b.example/Büro ☎ 中', 'a@b.example/Büro ☎ 中'],
    'a wide space in a resource is a space': ['a@b.example/x\u3000y', 'a@b.example/x y'],
    'D22 a resource with characters of Redis keys': ['a@b.example/:|{}*', 'a@b.example/:|{}*'],
    'D08 a local of 1,023 octets': [`${'l'.repeat(1023)}@b.example`, `${'l'.repeat(1023)}@b.example`],
    'D03 a resource of 1,023 octets': [`b.example/${'r'.repeat(1023)}`, `b.example/${'r'.repeat(1023)}`],
  };
  for (const [name, [text, canonical]] of Object.entries(addresses)) {
    it(name, () => {
      assert.equal(parseJid(text)?.full, canonical);
    });
  }

  it('D11 a homograph of another script is another identity', () => {
    assert.notEqual(parseJid('j\u0435sse@acme.example')?.full, 'jesse@acme.example');
    assert.notEqual(parseJid('j\u0435sse@acme.example'), undefined);
  });
  it('has its parts', () => {
    assert.deepEqual(parseJid('Jesse@Acme.example/Phone'), {
      local: 'jesse',
      domain: 'acme.example',
      resource: 'Phone',
      bare: 'jesse@acme.example',
      full: 'jesse@acme.example/Phone',
    });
  });
});

describe('a malformed address', () => {
  const malformed: Record<string, string> = {
    'D08 a local of 1,024 octets': `${'l'.repeat(1024)}@b.example`,
    'D08 a local of 1,024 octets in fewer characters': `${'é'.repeat(512)}@b.example`,
    'D08 more than 3,071 octets': `${'l'.repeat(1023)}@b.example/${'r'.repeat(2100)}`,
    'D09 two at signs': 'a@b@c',
    'D09 nothing before the at sign': '@x',
    'D09 nothing after the slash': 'x/',
    'D09 nothing after the at sign': 'a@',
    'D09 nothing between at sign and slash': 'a@/r',
    'D09 a space in the local': 'a b@x',
    'D09 a quoted local': '"x"@y',
    'D09 a NUL': 'a\0b@x',
    'D09 a newline': 'a\nb@x',
    'D09 a newline at the end': 'a@x\n',
    'nothing at all': '',
    'D10 long s': '\u017fam@x',
    'D10 a ligature': '\ufb01n@x',
    'D10 a full-width at sign in the local': 'a\uff20b@x',
    'a letter of mathematics': '\u{1d41a}@x',
    'a zero-width joiner in the local': 'a\u200db@x',
    'a zero-width space in the local': 'a\u200bb@x',
    'a soft hyphen in the local': 'a\u00adb@x',
    'a bidi override in the local': 'a\u202eb@x',
    'an emoji in the local': '☎@x',
    'an unassigned character in the local': 'a\u0378@x',
    'a lone surrogate in the local': 'a\ud800@x',
    'digits of two Arabic sets': 'a\u0661\u06f1@x',
    'D03 a resource of 1,024 octets': `b.example/${'r'.repeat(1024)}`,
    'D03 a control character in the resource': 'b.example/a\u0007',
    'D03 a tab in the resource': 'b.example/a\tb',
    'D03 a zero-width joiner in the resource': 'b.example/a\u200db',
    'D03 a bidi override in the resource': 'b.example/a\u202eb',
    'a lone surrogate in the resource': 'b.example/\udc00',
    'a character for private use in the resource': 'b.example/\ue000',
    'D15 a zero-width joiner in the domain': 'a@ac\u200dme.example',
    'D15 an empty label': 'a@acme..example',
    'D15 a label before the first dot': 'a@.example',
    'D15 a domain of more than 253': `a@${'abcdefg.'.repeat(32)}example`,
    'D15 a label of 64': `a@${'l'.repeat(64)}.example`,
    'D15 a lone surrogate in the domain': 'a@\ud800.example',
    'D15 an A-label that stands for nothing': 'a@xn--a.example',
    'a label that begins with a hyphen': 'a@-acme.example',
    'a percent escape in the domain': 'a@%61cme.example',
    'a port': 'a@acme.example:5222',
    'a path in the domain': 'a@acme.example\\x',
    'an underscore in the domain': 'a@ac_me.example',
    'another spelling of an address': 'a@127.1',
    'a hexadecimal address': 'a@0x7f.0.0.1',
    'full-width digits of an address': 'a@１２７.0.0.1',
    'an IPv6 address without brackets': 'a@::1',
    'an IPv6 address with a zone': 'a@[fe80::1%eth0]',
    'an IPv6 address without an end': 'a@[::1',
    'something after an IPv6 address': 'a@[::1]:5222',
  };
  for (const [name, text] of Object.entries(malformed)) {
    it(name, () => {
      assert.equal(parseJid(text), undefined);
    });
  }
});

describe('any address', () => {
  const character = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom(
      'a',
      'B',
      '@',
      '/',
      '.',
      '\\',
      '\\20',
      ' ',
      'Ａ',
      'é',
      'e\u0301',
      '\u0430',
      'İ',
      'Σ',
      '\ud800',
      '[',
    ),
  );
  const text = fc.array(character, { maxLength: 12 }).map((characters) => characters.join(''));

  it('parses and formats to what parses to the same', () => {
    fc.assert(
      fc.property(fc.tuple(text, text, text), ([local, domain, resource]) => {
        for (const written of [`${local}@b.example`, `b.example/${resource}`, `a@${domain}`, local]) {
          const parsed = parseJid(written);
          if (parsed === undefined) continue;
          assert.deepEqual(parseJid(parsed.full), parsed);
          assert.deepEqual(makeJid(parsed.local, parsed.domain, parsed.resource), parsed);
        }
      }),
      { numRuns: 2000 },
    );
  });
  it('never throws and never lets a separator into a part', () => {
    fc.assert(
      fc.property(text, (anything) => {
        const jid = parseJid(anything);
        if (jid === undefined) return;
        assert.doesNotMatch(jid.local, /[@/]/);
        assert.doesNotMatch(jid.domain, /[@/]/);
        assert.notEqual(jid.domain, '');
      }),
      { numRuns: 2000 },
    );
  });
  it('a domain is a fixed point of its canonical form', () => {
    fc.assert(
      fc.property(text, (anything) => {
        const domain = canonicalDomain(anything);
        if (domain !== undefined) assert.equal(canonicalDomain(domain), domain);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a username as localpart (XEP-0106)', () => {
  const escapes: Record<string, [string, string]> = {
    'an e-mail address': ['jesse@acme.com', 'jesse\\40acme.com'],
    'every character that may not stand there': [`x "&'/:<>@y`, 'x\\20\\22\\26\\27\\2f\\3a\\3c\\3e\\40y'],
    'a lone backslash stays': ['c\\x', 'c\\x'],
    'a backslash that would make an escape': ['c:\\5commas', 'c\\3a\\5c5commas'],
    capitals: ['Jesse', 'jesse'],
    'spaces at the ends are dropped': [' jesse d ', 'jesse\\20d'],
    'full-width at sign': ['a\uff20b', 'a\\40b'],
  };
  for (const [name, [username, local]] of Object.entries(escapes)) {
    it(name, () => {
      assert.equal(escapeLocal(username), local);
      assert.equal(makeJid(local, 'acme.example')?.local, local);
    });
  }

  it('an escaped space at an end is no escape', () => {
    assert.equal(unescapeLocal('\\20jesse\\20'), '\\20jesse\\20');
    assert.equal(unescapeLocal('a\\20b'), 'a b');
  });

  const piece = fc.constantFrom(
    'a',
    'Z',
    '2',
    '0',
    '5',
    'c',
    'C',
    'F',
    '3',
    '4',
    'é',
    ' ',
    '"',
    '&',
    "'",
    '/',
    ':',
    '<',
    '>',
    '@',
    '\\',
  );
  it('comes back as it was, in canonical case and without spaces at its ends', () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 40 }), (pieces) => {
        const username = pieces.join('').replace(/^ +| +$/g, '');
        const local = escapeLocal(username);
        assert.equal(unescapeLocal(local), username.toLowerCase());
        assert.equal(escapeLocal(unescapeLocal(local)), local);
        if (local !== '') assert.equal(makeJid(local, 'acme.example')?.local, local);
      }),
      { numRuns: 2000 },
    );
  });
  it('D08 a username of the greatest length is accepted, a longer one is not', () => {
    assert.notEqual(makeJid(escapeLocal('@'.repeat(341)), 'acme.example'), undefined);
    assert.equal(makeJid(escapeLocal('@'.repeat(342)), 'acme.example'), undefined);
  });
});

it('an address takes time in proportion to its length', () => {
  const started = cpuTime();
  for (const part of [' ', '\\20', 'é', '\u3000', '.', 'a.', '@', '/']) {
    escapeLocal(part.repeat(100_000));
    unescapeLocal(part.repeat(100_000));
    parseJid(part.repeat(1000));
    parseJid(part.repeat(100_000));
  }
  assert.ok(cpuTime() - started < 2000);
});
