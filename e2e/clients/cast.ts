/** How each client is started for a play of several; its record gets what it shows. */
import { startBitlbee } from '../drivers/bitlbee.ts';
import { startDino } from '../drivers/dino.ts';
import { startGajim } from '../drivers/gajim.ts';
import { startMcabber } from '../drivers/mcabber.ts';
import { startPidgin } from '../drivers/pidgin.ts';
import { startPoezio } from '../drivers/poezio.ts';
import { startProfanity } from '../drivers/profanity.ts';
import { startSlixmpp } from '../drivers/slixmpp.ts';
import { startXmppJs } from '../drivers/xmpp-js.ts';
import { DOMAIN } from '../support/helpdesk.ts';
import { startNameServer } from '../support/name-server.ts';
import { recordOf } from '../support/record.ts';
import { debianVersion, npmVersion } from '../support/versions.ts';
import type { Player } from './guide.ts';

export const xmppJs: Player = {
  record: recordOf('@xmpp/client', await npmVersion('@xmpp/client')),
  start: async (stage, staff) => startXmppJs(stage.account(staff), await stage.place('xmpp-js')),
};

export const slixmpp: Player = {
  record: recordOf('slixmpp', await debianVersion('python3-slixmpp')),
  start: async (stage, staff) => startSlixmpp(stage.account(staff), await stage.place('slixmpp')),
};

export const bitlbee: Player = {
  record: recordOf('BitlBee (libpurple)', await debianVersion('bitlbee-libpurple')),
  start: async (stage, staff) =>
    startBitlbee(stage.account(staff), await stage.place('bitlbee', { system: [stage.authority] })),
};

export const profanity: Player = {
  record: recordOf('profanity', await debianVersion('profanity')),
  start: async (stage, staff) => startProfanity(stage.account(staff), await stage.place('profanity')),
};

export const mcabber: Player = {
  record: recordOf('mcabber', await debianVersion('mcabber')),
  start: async (stage, staff) => startMcabber(stage.account(staff), await stage.place('mcabber')),
};

export const poezio: Player = {
  record: recordOf('poezio', await debianVersion('poezio')),
  // it uploads files with a library that knows the authorities of the system only
  start: async (stage, staff) =>
    startPoezio(stage.account(staff), await stage.place('poezio', { system: [stage.authority] })),
};

export const pidgin: Player = {
  record: recordOf('Pidgin', await debianVersion('pidgin')),
  start: async (stage, staff) =>
    startPidgin(stage.account(staff), await stage.place('pidgin', { system: [stage.authority], unprivileged: true })),
};

export const gajim: Player = {
  record: recordOf('Gajim', await debianVersion('gajim')),
  start: async (stage, staff) =>
    startGajim(stage.account(staff), await stage.place('gajim', { system: [stage.authority], unprivileged: true })),
};

export const dino: Player = {
  record: recordOf('Dino', await debianVersion('dino-im')),
  async start(stage, staff) {
    const service = { name: `_xmpp-client._tcp.${DOMAIN}`, target: DOMAIN, port: stage.gateway.ports.xmpp };
    const { address } = stage.use(await startNameServer([DOMAIN], [service]));
    const options = { nameServer: address, system: [stage.authority], unprivileged: true };
    return startDino(stage.account(staff), await stage.place('dino', options));
  },
};
