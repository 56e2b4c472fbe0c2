import assert from 'node:assert/strict';
import { it } from 'node:test';
import { features } from './catalogue.ts';
import { xepsDocument } from './xeps-doc.ts';

it('every feature has a row with a link to its specification', () => {
  const document = xepsDocument(features);
  for (const { name, spec } of features) {
    const row = document.split('\n').find((line) => line.includes(`| ${name} |`));
    const number = /\d+/u.exec(spec)?.[0] ?? '';
    assert.match(row ?? '', new RegExp(`^\\| \\[(XEP-|RFC )${number}\\]\\(https://[^)]*${number}`, 'u'));
  }
});

it('names and specifications are there once', () => {
  assert.equal(new Set(features.map(({ name }) => name)).size, features.length);
  assert.equal(new Set(features.map(({ spec }) => spec)).size, features.length);
});
