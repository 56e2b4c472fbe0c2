import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { originMatches } from './embedding.js';

describe('whose messages the page in a frame listens to', () => {
  const table: [pattern: string, origin: string, listens: boolean][] = [
    ['https://shop.example', 'https://shop.example', true],
    ['https://shop.example', 'http://shop.example', false],
    ['https://shop.example', 'https://shop.example.evil.example', false],
    ['https://shop.example', 'https://shop.example:8443', false],
    ['https://*.acme.example', 'https://a.acme.example', true],
    ['https://*.acme.example', 'https://a.b.acme.example', true],
    ['https://*.acme.example', 'https://acme.example', false],
    ['https://*.acme.example', 'https://evilacme.example', false],
    ['https://*.acme.example', 'http://a.acme.example', false],
    ['https://*.acme.example', 'https://a.acme.example.evil.example', false],
    ['https://shop.example', 'null', false],
  ];
  for (const [pattern, origin, listens] of table) {
    it(`${pattern} ${listens ? 'is' : 'is not'} ${origin}`, () => {
      assert.equal(originMatches(pattern, origin), listens);
    });
  }
});
