import type { Session } from '../c2s/session.ts';
import { escapeLocal, parseJid, unescapeLocal } from '../xmpp/jid.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { type AdHocCommand, defineFeature, type Services } from './feature.ts';

const ADMIN = 'http://jabber.org/protocol/admin';

type Values = Parameters<AdHocCommand['run']>[1];

function only(values: Values, name: string): string | undefined {
  const given = values.get(name) ?? [];
  if (given.length > 1) throw new StanzaError('modify', 'bad-request', `There is one ${name} at most.`);
  return given[0];
}

/** The username of an account at this tenant's domain. */
function usernameOf(address: string, { tenant }: Session): string {
  const jid = parseJid(address);
  if (jid === undefined) throw new StanzaError('modify', 'jid-malformed', 'This is no address.');
  if (jid.domain !== tenant.domain || jid.local === '' || jid.resource !== '') {
    throw new StanzaError('modify', 'not-acceptable', `An account is an address such as name@${tenant.domain}.`);
  }
  const username = unescapeLocal(jid.local);
  if (escapeLocal(username) !== jid.local) {
    throw new StanzaError('modify', 'not-acceptable', 'This name cannot log in.');
  }
  return username;
}

const noLonger = () => new StanzaError('auth', 'forbidden', 'Accounts of this domain cannot be changed from here.');

function addUser({ lab }: Services): AdHocCommand {
  return {
    node: `${ADMIN}#add-user`,
    name: 'Add a user',
    at: 'domain',
    isFor: ({ tenant, staff }) => lab.mayAdminister(tenant.id, staff),
    form: {
      type: ADMIN,
      title: 'Add a user',
      instructions: 'The user can log in at once, and is in the team “Lab”.',
      fields: [
        { name: 'accountjid', kind: 'jid-single', label: 'Address of the account', required: true },
        { name: 'password', kind: 'text-private', label: 'Password', required: true },
        { name: 'password-verify', kind: 'text-private', label: 'The password again' },
        { name: 'email', kind: 'text-single', label: 'E-mail address' },
        { name: 'given_name', kind: 'text-single', label: 'Given name' },
        { name: 'surname', kind: 'text-single', label: 'Family name' },
      ],
    },
    async run(session, values) {
      const username = usernameOf(only(values, 'accountjid') ?? '', session);
      const password = only(values, 'password') ?? '';
      if ((only(values, 'password-verify') ?? password) !== password) {
        throw new StanzaError('modify', 'not-acceptable', 'The two passwords are not the same.');
      }
      const name = [only(values, 'given_name'), only(values, 'surname')].filter((part) => part !== undefined).join(' ');
      const email = only(values, 'email');
      const account = { username, password, name, ...(email !== undefined && { email }) };
      switch (await lab.add(session.tenant.id, account)) {
        case 'added':
          return 'The user is added and can log in.';
        case 'taken':
          throw new StanzaError('cancel', 'conflict', 'There is a user of this name.');
        case 'empty':
          throw new StanzaError('modify', 'not-acceptable', 'The name of the account or the password is empty.');
        case 'too-long':
          throw new StanzaError('modify', 'not-acceptable', 'A name or the password is too long.');
        case 'no-email':
          throw new StanzaError('modify', 'not-acceptable', 'This is no e-mail address.');
        case 'full':
          throw new StanzaError('wait', 'resource-constraint', 'There are as many users as there can be.');
        case 'no-lab':
          throw noLonger();
      }
    },
  };
}

function deleteUser({ lab }: Services): AdHocCommand {
  return {
    node: `${ADMIN}#delete-user`,
    name: 'Delete users',
    at: 'domain',
    isFor: ({ tenant, staff }) => lab.mayAdminister(tenant.id, staff),
    form: {
      type: ADMIN,
      title: 'Delete users',
      instructions: 'Their streams are closed. Only users who were added this way can be deleted.',
      fields: [{ name: 'accountjids', kind: 'jid-multi', label: 'Addresses of the accounts', required: true }],
    },
    async run(session, values) {
      const usernames = (values.get('accountjids') ?? []).map((address) => usernameOf(address, session));
      const isOne = usernames.length === 1;
      switch (await lab.remove(session.tenant.id, usernames)) {
        case 'removed':
          return isOne ? 'The user is deleted.' : 'The users are deleted.';
        case 'unknown':
          throw new StanzaError(
            'cancel',
            'item-not-found',
            isOne ? 'There is no user of this name.' : 'Nobody is deleted: one of the names is no user’s.',
          );
        case 'configuration':
          throw new StanzaError(
            'cancel',
            'not-allowed',
            isOne
              ? 'This user is in the configuration of the gateway.'
              : 'Nobody is deleted: one of the users is in the configuration of the gateway.',
          );
        case 'no-lab':
          throw noLonger();
      }
    },
  };
}

export const serviceAdministration = defineFeature({
  name: 'service administration',
  spec: 'XEP-0133 1.3.1',
  scope: 'Adding and deleting users, on lab tenants and nowhere else.',
  setup({ onCommand }, services) {
    onCommand(addUser(services));
    onCommand(deleteUser(services));
  },
});
