import type { Session } from '../c2s/session.ts';
import { filledIn, formElement, FORMS } from '../routing/form.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { type AdHocCommand, defineFeature, type IqRequest } from './feature.ts';

const COMMANDS = 'http://jabber.org/protocol/commands';
const OPEN_PER_SESSION = 16;

/** Runs of commands that an app has the form of, the oldest first. */
interface Memory {
  readonly open: Map<string, AdHocCommand>;
  begun: number;
}

const memory = Symbol('ad-hoc commands');

function memoryOf(session: Session): Memory {
  const known = session.memory.get(memory) as Memory | undefined;
  if (known !== undefined) return known;
  const made: Memory = { open: new Map(), begun: 0 };
  session.memory.set(memory, made);
  return made;
}

/** For a run that is over with its first answer. */
const newId = (session: Session): string => `${session.resource}-${++memoryOf(session).begun}`;

function begin(session: Session, command: AdHocCommand): string {
  const { open } = memoryOf(session);
  const [oldest] = open.keys();
  if (open.size >= OPEN_PER_SESSION && oldest !== undefined) open.delete(oldest);
  const id = newId(session);
  open.set(id, command);
  return id;
}

/** [XEP-0050 §4.3] */
function refusal(condition: 'bad-request' | 'not-allowed', specific: string, text?: string): StanzaError {
  const type = condition === 'bad-request' ? 'modify' : 'cancel';
  return new StanzaError(type, condition, text, xml(specific, COMMANDS));
}

type Answered = { readonly status: 'executing' | 'completed' | 'canceled'; readonly id: string };

function answer(command: AdHocCommand, { status, id }: Answered, ...children: readonly XmlElement[]): XmlElement {
  return xml('command', { xmlns: COMMANDS, node: command.node, sessionid: id, status }, ...children);
}

/**
 * | action | without a session | with one |
 * |---|---|---|
 * | execute, none | the form; with a form: done | with a form: done; else the form again |
 * | complete, next | with a form: done | with a form: done; else bad-payload |
 * | cancel | canceled | canceled |
 * | prev, other | bad-action, malformed-action | the same |
 *
 * COMPAT(apps that send the second stage as `execute` [XEP-0050 §3.4])
 */
async function run({ session, payload }: IqRequest, command: AdHocCommand): Promise<XmlElement> {
  const { open } = memoryOf(session);
  const { action = 'execute', sessionid } = payload.attrs;
  if (sessionid !== undefined && open.get(sessionid) !== command) {
    throw refusal('not-allowed', 'session-expired', 'This form is not open any more: begin again.');
  }
  switch (action) {
    case 'cancel':
      open.delete(sessionid ?? '');
      return answer(command, { status: 'canceled', id: sessionid ?? newId(session) });
    case 'execute':
    case 'complete':
    case 'next':
      break;
    case 'prev':
      throw refusal('bad-request', 'bad-action');
    default:
      throw refusal('bad-request', 'malformed-action');
  }
  const form = payload.getChild('x', FORMS);
  if (form === undefined) {
    if (action !== 'execute') throw refusal('bad-request', 'bad-payload', 'The form is missing.');
    const actions = xml('actions', { execute: 'complete' }, xml('complete'));
    const id = sessionid ?? begin(session, command);
    return answer(command, { status: 'executing', id }, actions, formElement(command.form));
  }
  const values = filledIn(form, command.form);
  if (values === undefined) throw refusal('bad-request', 'bad-payload', 'The form is not filled in.');
  const id = sessionid ?? begin(session, command);
  const note = await command.run(session, values);
  open.delete(id);
  return answer(command, { status: 'completed', id }, xml('note', { type: 'info' }, note));
}

export const adHoc = defineFeature({
  name: 'ad-hoc commands',
  spec: 'XEP-0050 1.3.0',
  scope: 'Where a command is offered: now on the domain of a lab tenant, for staff who may administer it.',
  disco: { lab: [COMMANDS] },
  setup({ onIq, onNode, onItems, onClosed }, { commands }) {
    const offered = ({ session, to }: IqRequest) =>
      commands.filter((command) => command.at === to.is && command.isFor(session));

    onIq('set', COMMANDS, 'command', async (request) => {
      const { to, payload } = request;
      const { node } = payload.attrs;
      const command = offered(request).find((one) => one.node === node);
      if (command !== undefined) return run(request, command);
      // as where there are no commands at all
      if (to.is !== 'domain' || !request.session.tenant.config.lab) {
        throw new StanzaError('cancel', 'service-unavailable');
      }
      const exists = commands.some((one) => one.node === node);
      throw exists ? new StanzaError('auth', 'forbidden') : new StanzaError('cancel', 'item-not-found');
    });

    onNode((request, node) => {
      const list = offered(request);
      const { to, session } = request;
      if (node === COMMANDS) {
        if (to.is !== 'domain' || !session.tenant.config.lab) return undefined;
        return {
          identity: { category: 'automation', type: 'command-list', name: 'Commands' },
          features: [COMMANDS],
          items: list.map((command) => ({ jid: session.tenant.domain, node: command.node, name: command.name })),
        };
      }
      const command = list.find((one) => one.node === node);
      return (
        command && {
          identity: { category: 'automation', type: 'command-node', name: command.name },
          features: [COMMANDS, FORMS],
          items: [],
        }
      );
    });

    onItems((request) => {
      const { domain } = request.session.tenant;
      return offered(request).length === 0 ? [] : [{ jid: domain, node: COMMANDS, name: 'Commands' }];
    });

    onClosed((session) => {
      session.memory.delete(memory);
    });
  },
});
