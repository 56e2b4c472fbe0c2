import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Whom, whom } from './whom.ts';

const STAFF = [
  ['varun', 'Varun Shah', 'varun'],
  ['ravi', 'Ravi Shah', 'rshah'],
  ['jo', 'Jo Anderson', 'jo'],
  ['joan', 'Joan of Arc', 'joan'],
  ['bo', 'Bo Ström', 'boss'],
  ['anne', 'Anne-Marie O’Brien', 'am@acme.com'],
  ['lukasz', 'Łukasz Żak', 'lukasz'],
  ['full', 'ＫＩＭ', 'kim2'],
  ['one', 'Sam Smith', 'sam1'],
  ['two', 'Sam Smith', 'sam2'],
  ['alexandra', 'Alexandra Roe', 'alex'],
  ['alex', 'Alex', 'alex.b'],
  ['samuel', 'Samuel Roe', 'sam'],
  ['varunk', 'Varun Kumar', 'vk'],
  ['jose', 'Ines Paz', 'jose'],
  ['josé', 'Eva Paz', 'josé'],
].map(([id = '', name = '', key = '']) => ({ id, key, names: [name, key] }));

const find = (text: string, isMeant?: (id: string) => boolean) => whom(text, STAFF, isMeant);

function said(found: Whom<string>): string {
  switch (found.is) {
    case 'found':
      return found.text === '' ? found.id : `${found.id}: ${found.text}`;
    case 'ambiguous':
      return `${found.ids.join(' or ')}?`;
    case 'unknown':
      return `no ${found.name}`;
    case 'nobody':
      return 'nobody';
  }
}

const cases: Readonly<Record<string, readonly [string, string]>> = {
  'the full name': ['Varun Shah', 'varun'],
  'the full name with text': ['Varun Shah please look', 'varun: please look'],
  'the username with text': ['varun please look', 'varun: please look'],
  'a username that is an address': ['am@acme.com hello', 'anne: hello'],
  'the first name': ['Ravi can you?', 'ravi: can you?'],
  'another case': ['vARUN sHAH', 'varun'],
  'without the accents': ['Bo Strom', 'bo'],
  'with accents that the name has not': ['Várùn', 'varun'],
  'a letter that is no accent': ['lukasz zak', 'lukasz'],
  'full-width letters of the name': ['kim', 'full'],
  'full-width letters of the text': ['ｖａｒｕｎ', 'varun'],
  'a part at the start of a word': ['strö', 'bo'],
  'two beginnings': ['va sh', 'varun'],
  'a part in the middle': ['ukas', 'lukasz'],
  'a word behind a hyphen': ['Marie', 'anne'],
  'an apostrophe of another kind': ["O'Brien there?", 'anne: there?'],
  'a whole username before the beginning of a longer name': ['jo an urgent case', 'jo: an urgent case'],
  'a comma after the name': ['Varun, please look', 'varun: please look'],
  'a colon after the name': ['Varun Shah: please', 'varun: please'],
  'a dash between': ['Varun - please', 'varun: please'],
  'a mention': ['@varun hi', 'varun: hi'],
  quoted: ['"Varun Shah" please', 'varun: please'],
  'quoted as text programs do': ['„Jo“ and then', 'jo: and then'],
  'quoted, and more than a name': ['"Varun please"', 'no varun please'],
  'blanks about': ['   Varun    Shah   x', 'varun: x'],
  'lines after it': ['varun\nshah\nknows', 'varun: shah\nknows'],
  'a username that is another’s whole name': ['"alex" hello', 'alexandra: hello'],
  'the same without quotes': ['alex hello', 'alexandra: hello'],
  'a username that is the beginning of others’ names': ['sam', 'samuel'],
  'a whole name that begins with somebody’s username': ['Varun Kumar please', 'varunk: please'],
  'a username that differs from another’s by an accent alone': ['"josé"', 'josé'],
  'the other one': ['jose hi', 'jose: hi'],
  'the same name of two': ['Sam Smith hello', 'one or two?'],
  'a part of two names': ['shah', 'varun or ravi?'],
  'nobody’s': ['Zoe please', 'no zoe'],
  'a sign': ['$(reboot)', 'no $(reboot)'],
  'only signs': ['...', 'nobody'],
  'quotes with nothing in them': ['"" x', 'nobody'],
  nothing: ['  ', 'nobody'],
  'a name in the text does not count': ['Zoe and Varun', 'no zoe'],
};

describe('whom somebody means', () => {
  for (const [name, [text, meant]] of Object.entries(cases))
    it(`${name}: ${JSON.stringify(text)}`, () => assert.equal(said(find(text)), meant));

  it('is not who cannot be meant, where somebody else can', () => {
    assert.equal(said(find('shah', (id) => id !== 'varun')), 'ravi');
    assert.equal(said(find('varun', (id) => id !== 'varun')), 'varun', 'so that they can be told why not');
  });

  it('is found for every full name and username, whatever text follows', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...STAFF.slice(0, 8)),
        fc.nat(1),
        fc.string({ unit: 'binary' }),
        (one, which, text) => {
          const name = one.names[which] ?? '';
          const found = find(`"${name}" ${text}`);
          assert.equal(found.is === 'found' ? found.id : undefined, one.id);
        },
      ),
    );
  });

  it('takes linear time for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        find(text);
      }),
    );
    const many = Array.from({ length: 5_000 }, (_, n) => ({
      id: n,
      key: `p${n}`,
      names: [`Person ${n} of Many`, `p${n}`],
    }));
    for (const text of ['x'.repeat(100_000), 'a '.repeat(50_000), `"${'y'.repeat(100_000)}`, 'p1 '.repeat(30_000)])
      whom(text, many);
  });
});
