import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { splitLinks } from './links.js';

const hrefs = (text: string) => splitLinks(text).flatMap(({ href }) => (href === undefined ? [] : [href]));

describe('what becomes a link', () => {
  const table: Record<string, [text: string, hrefs: string[]]> = {
    'http and https': [
      'see http://a.example and https://b.example/c?d=e#f',
      ['http://a.example/', 'https://b.example/c?d=e#f'],
    ],
    'not the full stop after it': ['Go to https://a.example/x.', ['https://a.example/x']],
    'not the bracket around it': ['(https://a.example/x)', ['https://a.example/x']],
    'the bracket in it': ['https://a.example/x_(y)', ['https://a.example/x_(y)']],
    'in capitals': ['HTTPS://A.EXAMPLE', ['https://a.example/']],
    'G16 no javascript:': ['javascript:alert(1)', []],
    'G16 no javascript: behind http': ['javascript:http://a.example/%0aalert(1)', ['http://a.example/%0aalert(1)']],
    'G16 no data:': ['data:text/html,<script>alert(1)</script>', []],
    'G16 no other scheme': ['ftp://a.example file:///etc/passwd vbscript:x', []],
    'no address with a name in it': ['https://bank.example@evil.example/', []],
    'no host, no link': ['https:// http://.', []],
    'not what is longer than an address may be': [`https://a.example/${'x'.repeat(3_000)}`, []],
    'G16 not across what turns the direction of a text': ['https://a.example/\u202Egpj.exe', ['https://a.example/']],
    'not across a quotation mark': ['"https://a.example/x"onclick="y', ['https://a.example/x']],
  };
  for (const [name, [text, expected]] of Object.entries(table)) {
    it(name, () => {
      assert.deepEqual(hrefs(text), expected);
    });
  }

  it('G16 twenty of a thousand', () => {
    assert.equal(hrefs('https://a.example/x '.repeat(1_000)).length, 20);
  });

  it('nothing of a text is lost, and a link is http or https', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('https://', 'http://a.b', '(', ')', '. ', '"'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const parts = splitLinks(text);
        assert.equal(parts.map((part) => part.text).join(''), text);
        for (const { href } of parts) if (href !== undefined) assert.match(href, /^https?:\/\/[^@]/u);
      }),
    );
  });

  it('J16 takes time in proportion to the length', () => {
    const start = performance.now();
    for (const text of ['https://'.repeat(50_000), `https://a.example/${').'.repeat(100_000)}`, '('.repeat(200_000)])
      splitLinks(text);
    assert.ok(performance.now() - start < 1_000);
  });
});
