import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addresseeOf } from './addressee.ts';

const viewer = {
  tenant: { domain: 'acme.example', visitorsDomain: 'visitors.acme.example' },
  bareJid: 'jesse@acme.example',
};

describe('who an address is for a staff user', () => {
  const table: [string, string | undefined, string][] = [
    ['D18 no address is the account', undefined, 'account'],
    ['D18 the own bare JID is the account', 'jesse@acme.example', 'account'],
    ['D18 the own domain', 'acme.example', 'domain'],
    ['D18 a resource of the domain is the domain', 'acme.example/x', 'domain'],
    ['D18 an own full JID is an own app', 'jesse@acme.example/phone', 'own-app'],
    ['a colleague', 'varun@acme.example', 'colleague'],
    ['a colleague with a resource', 'varun@acme.example/a@b/c', 'colleague'],
    ['D22 a resource of characters that mean something elsewhere', 'varun@acme.example/a:{b}|*', 'colleague'],
    ['a visitor', 'c0ffee@visitors.acme.example/chat', 'visitor'],
    ['the contact Chat Gateway', 'gateway@visitors.acme.example/gateway', 'gateway'],
    ['a colleague who is called gateway', 'gateway@acme.example', 'colleague'],
    ['the visitors’ domain', 'visitors.acme.example', 'visitors-domain'],
    ['D16 another tenant', 'jesse@other.example', 'stranger'],
    ['D16 another tenant’s domain', 'other.example', 'stranger'],
    ['a domain that ends like ours', 'varun@evilacme.example', 'stranger'],
    ['a subdomain that is not the visitors’', 'varun@x.acme.example', 'stranger'],
  ];
  for (const [name, to, is] of table) {
    it(name, () => {
      assert.equal(addresseeOf(to, viewer).is, is);
    });
  }

  it('keeps the parts of the address', () => {
    assert.deepEqual(addresseeOf('varun@acme.example/a@b/c', viewer), {
      is: 'colleague',
      jid: {
        local: 'varun',
        domain: 'acme.example',
        resource: 'a@b/c',
        bare: 'varun@acme.example',
        full: 'varun@acme.example/a@b/c',
      },
    });
  });
});
