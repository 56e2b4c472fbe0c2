import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import { type Bringer, FileError, type FileFault, type Files } from '../helpdesk/files.ts';
import { type FakeApp, FakeEdge } from '../routing/fake-edge.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { createSessionLayer } from './layer.ts';

const UPLOAD = 'urn:xmpp:http:upload:0';
const INFO = 'http://jabber.org/protocol/disco#info';
const SERVICE = 'visitors.acme.example';

interface Asked {
  readonly tenant: string;
  readonly by: Bringer;
  readonly file: { readonly name: string; readonly size: number; readonly type?: string };
}

function setUp({ isOn = true, fault }: { isOn?: boolean; fault?: [FileFault, number?] } = {}) {
  const asked: Asked[] = [];
  const unused = () => Promise.reject(new Error('not for apps'));
  const files: Files = {
    rules: () => (isOn ? { maxBytes: 20_971_520, types: ['image/png'] } : undefined),
    slot: async (tenant, by, file) => {
      asked.push({ tenant, by, file });
      if (fault !== undefined) throw new FileError(...fault);
      return {
        putUrl: 'https://a.example/files/acme.example/1/a.png',
        getUrl: 'https://a.example/files/acme.example/2/a.png',
      };
    },
    put: unused,
    get: unused,
    at: unused,
    takeBack: unused,
  };
  const edge = new FakeEdge((deps) => createSessionLayer({ ...deps, files }));
  return { asked, edge, jesse: edge.app('jesse') };
}

async function ask(app: FakeApp, payload: string, to = SERVICE, type = 'get'): Promise<XmlElement> {
  await app.sends(`<iq type='${type}' id='u' to='${to}'>${payload}</iq>`);
  await settled();
  return app.takesOne();
}

const request = (attributes: string) => `<request xmlns='${UPLOAD}' ${attributes}/>`;
const PNG = request(`filename='a.png' size='500' content-type='image/png'`);
const condition = (answer: XmlElement) => {
  const error = answer.getChild('error');
  return `${error?.attrs.type} ${error?.getChildElements()[0]?.getName()}`;
};

describe('file upload', () => {
  it('is found at an item of the domain, with what it takes at most', async () => {
    const { jesse } = setUp();
    const items = await ask(jesse, `<query xmlns='http://jabber.org/protocol/disco#items'/>`, 'acme.example');
    assert.ok(
      items
        .getChild('query')
        ?.getChildren('item')
        .some(({ attrs }) => attrs.jid === SERVICE),
    );
    const query = (await ask(jesse, `<query xmlns='${INFO}'/>`)).getChild('query');
    const identities = query?.getChildren('identity').map(({ attrs }) => `${attrs.category}/${attrs.type}`);
    assert.deepEqual(identities, ['component/generic', 'store/file']);
    assert.ok(query?.getChildren('feature').some(({ attrs }) => attrs.var === UPLOAD));
    const form = query?.getChild('x', 'jabber:x:data');
    assert.equal(form?.attrs.type, 'result');
    const values = form.getChildren('field').map((field) => [field.attrs.var, field.getChildText('value')]);
    assert.deepEqual(values, [
      ['FORM_TYPE', UPLOAD],
      ['max-file-size', '20971520'],
    ]);
  });
  it('is not found where no files are taken', async () => {
    const { jesse, asked } = setUp({ isOn: false });
    const query = (await ask(jesse, `<query xmlns='${INFO}'/>`)).getChild('query');
    assert.deepEqual(query?.getChildren('identity').length, 1);
    assert.ok(!query.getChildren('feature').some(({ attrs }) => attrs.var === UPLOAD));
    assert.equal(query.getChild('x', 'jabber:x:data'), undefined);
    assert.equal(condition(await ask(jesse, PNG)), 'cancel service-unavailable');
    assert.equal(asked.length, 0);
  });
  it('gives a place for a file', async () => {
    const { jesse, asked } = setUp();
    const slot = (await ask(jesse, PNG)).getChild('slot', UPLOAD);
    assert.equal(slot?.getChild('put')?.attrs.url, 'https://a.example/files/acme.example/1/a.png');
    assert.equal(slot.getChild('get')?.attrs.url, 'https://a.example/files/acme.example/2/a.png');
    assert.equal(slot.getChild('put')?.getChildElements().length, 0);
    assert.deepEqual(asked, [
      {
        tenant: 'acme.example',
        by: { is: 'staff', staff: 'jesse' },
        file: { name: 'a.png', size: 500, type: 'image/png' },
      },
    ]);
  });
  it('needs no type, and takes the end of a name that is too long', async () => {
    const { jesse, asked } = setUp();
    await ask(jesse, request(`filename='${'x'.repeat(999)}😀.png' size='1'`));
    const [{ file } = assert.fail()] = asked;
    assert.ok(!('type' in file));
    assert.ok(file.name.length <= 255 && file.name.endsWith('x😀.png'));
  });

  const malformed = {
    'without a name': `size='500'`,
    'without a size': `filename='a.png'`,
    'with a size below nothing': `filename='a.png' size='-1'`,
    'with a size that is no number': `filename='a.png' size='0x10'`,
    'with a size in parts': `filename='a.png' size='1.5'`,
    'with a size beyond all': `filename='a.png' size='${'9'.repeat(30)}'`,
    'with a type beyond all': `filename='a.png' size='1' content-type='${'x'.repeat(300)}'`,
  };
  for (const [sentence, attributes] of Object.entries(malformed)) {
    it(`${sentence} is a bad request`, async () => {
      const { jesse, asked } = setUp();
      assert.equal(condition(await ask(jesse, request(attributes))), 'modify bad-request');
      assert.equal(asked.length, 0);
    });
  }
  for (const to of ['acme.example', 'jesse@acme.example', 'gateway@visitors.acme.example', 'other.example']) {
    it(`is not offered by ${to}`, async () => {
      const { jesse, asked } = setUp();
      assert.equal(condition(await ask(jesse, PNG, to)), 'cancel service-unavailable');
      assert.equal(asked.length, 0);
    });
  }
  it('is asked for, not set', async () => {
    const { jesse } = setUp();
    assert.equal(condition(await ask(jesse, PNG, SERVICE, 'set')), 'cancel service-unavailable');
  });

  it('says what is too large, with the limit', async () => {
    const { jesse } = setUp({ fault: ['too-large'] });
    const answer = await ask(jesse, PNG);
    assert.equal(condition(answer), 'modify not-acceptable');
    const error = answer.getChild('error');
    assert.equal(error?.getChildText('text'), 'The file is too large: 20 MiB at most.');
    const most = error?.getChild('file-too-large', UPLOAD);
    assert.equal(most?.getChildText('max-file-size'), '20971520');
  });
  it('says of what kind no file is taken', async () => {
    const { jesse } = setUp({ fault: ['wrong-type'] });
    const answer = await ask(jesse, PNG);
    assert.equal(condition(answer), 'modify not-acceptable');
    assert.equal(answer.getChild('error')?.getChildText('text'), 'Files of this kind cannot be sent here.');
  });
  it('says when to try again', async () => {
    const { jesse, edge } = setUp({ fault: ['too-many', 90_000] });
    const answer = await ask(jesse, PNG);
    assert.equal(condition(answer), 'wait resource-constraint');
    const stamp = answer.getChild('error')?.getChild('retry', UPLOAD)?.attrs.stamp ?? '';
    assert.equal(Date.parse(stamp), edge.clock.now() + 90_000);
    assert.match(stamp, /Z$/u);
  });
  it('says what is empty', async () => {
    const { jesse } = setUp({ fault: ['bad-form'] });
    assert.equal(condition(await ask(jesse, PNG)), 'modify bad-request');
  });
});
