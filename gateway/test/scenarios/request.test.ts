import assert from 'node:assert/strict';
import { SiteError } from '../../src/connectors/embedded/visitor-site.ts';
import { scenario, scenarios, type World } from '../support/scenario.ts';

function whyEnded({ view }: ReturnType<World['visitor']>): string | undefined {
  return view?.phase.is === 'ended' ? view.phase.why : undefined;
}

scenarios('a chat request', () => {
  scenario(
    'comes as what the visitor wants, and a notice that says for which team and how to answer',
    async (world) => {
      const jesse = await world.online('jesse');
      const chris = await world.visitor('Chris').asks('Where is my order?');
      await jesse.receives(
        `<message from='${chris.fullJid}' type='chat'><body>Where is my order?</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>`,
      );
      await jesse.receives(
        `<message from='${chris.fullJid}' type='chat'><body>▸ …Sales…Any reply accepts it…$end declines…60 seconds…</body></message>`,
      );
    },
  );

  scenario('any reply accepts, and is the first thing the visitor reads', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Where is my order?');
    await jesse.receives(`<message from='${chris.fullJid}'><body>Where is my order?</body></message>`);
    jesse.says(chris.fullJid, 'Let me look.');
    await chris.hears('Let me look.');
    await chris.isIn('running');
    assert.deepEqual(chris.view?.with, ['Jesse Stone']);
  });

  scenario('an empty body, a receipt, a marker and a typing notice do not accept', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    jesse.sends(`<message to='${chris.fullJid}' type='chat' id='e1'><body></body></message>`);
    jesse.sends(
      `<message to='${chris.fullJid}' type='chat' id='e2'><received xmlns='urn:xmpp:receipts' id='x'/></message>`,
    );
    jesse.sends(
      `<message to='${chris.fullJid}' type='chat' id='e3'><displayed xmlns='urn:xmpp:chat-markers:0' id='x'/></message>`,
    );
    jesse.state(chris.fullJid, 'composing');
    await jesse.settle();
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'waiting');
    assert.equal(chris.staffTyping, undefined, 'G18: nothing is seen before the chat is accepted');
  });

  scenario('G30 a reaction and a retraction that an app puts into words do not accept', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    const sends = (id: string, content: string) => {
      jesse.sends(`<message to='${chris.fullJid}' type='chat' id='${id}'>${content}</message>`);
    };
    sends(
      'r1',
      `<reactions xmlns='urn:xmpp:reactions:0' id='x'><reaction>👍</reaction></reactions><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reactions:0'><body/></fallback><body>&gt; Hello?\n👍</body>`,
    );
    sends(
      'r2',
      `<retract xmlns='urn:xmpp:message-retract:1' id='x'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/><body>/me retracted a previous message.</body>`,
    );
    await jesse.settle();
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'waiting');
    assert.deepEqual(chris.texts('staff'), []);
    sends('r4', '<body>/me looks</body>');
    await chris.hears('/me looks');
  });

  scenario('who said $status online takes it with the first reply, also from an app that is away', async (world) => {
    const jesse = await world.online('jesse', { presence: '<show>away</show>' });
    jesse.says('gateway@visitors.acme.test', '$status online');
    await jesse.receives(`<message from='gateway@visitors.acme.test…'><body>▸ You are online now…</body></message>`);
    const chris = await world.visitor('Chris').asks('Hello?');
    await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    jesse.says(chris.fullJid, 'Hi', '');
    await chris.hears('Hi');
  });

  scenario('the auto-reply of an app that is away does not accept', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    jesse.sends(`<presence><show>away</show></presence>`);
    jesse.sends(`<message to='${chris.fullJid}' type='chat' id='auto'><body>I am away from my desk.</body></message>`);
    await jesse.settle();
    await chris.reads();
    assert.notEqual(chris.view?.phase.is, 'running');
    assert.deepEqual(chris.texts('staff'), []);
  });

  scenario('nor does that of another app, where $status online says that they are there', async (world) => {
    const desk = await world.online('jesse', { resource: 'desk' });
    const phone = await world.online('jesse', { resource: 'phone', presence: '<show>away</show>' });
    desk.says('gateway@visitors.acme.test', '$status online');
    await desk.receives(`<message from='gateway@visitors.acme.test…'><body>▸ …online…</body></message>`);
    const chris = await world.visitor('Chris').asks('Hello?');
    await phone.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    phone.sends(`<message to='${chris.fullJid}' type='chat' id='auto'><body>I am not at my desk.</body></message>`);
    await phone.receives(`<message from='${chris.jid}…'><body>▸ …automatic…</body></message>`);
    await chris.reads();
    assert.deepEqual(chris.texts('staff'), []);
    desk.says(chris.fullJid, 'Here I am');
    await chris.hears('Here I am');
  });

  scenario('$end rejects: the next one is asked', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun');
    const chris = await world.visitor('Chris').asks('Hello?');
    const first = await world.ringingAt([jesse, varun], chris);
    const second = first === jesse ? varun : jesse;
    first.says(chris.fullJid, '$end');
    await second.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    second.says(chris.fullJid, 'Here I am');
    await chris.hears('Here I am');
  });

  scenario(
    'one who does not answer within 60 s is passed over, and after three passes the visitor is asked to leave a message',
    async (world) => {
      const jesse = await world.online('jesse');
      const varun = await world.online('varun');
      const chris = await world.visitor('Chris').asks('Hello?');
      const first = await world.ringingAt([jesse, varun], chris);
      const second = first === jesse ? varun : jesse;
      await world.advance(59_000);
      await second.receivesNothing(`<message from='${chris.fullJid}'/>`, 'the first one still has a second');
      await world.advance(1_000);
      await second.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
      for (let ring = 1; ring < 6; ring++) {
        assert.equal(chris.view?.phase.is, 'waiting');
        await world.advance(60_000);
        await chris.reads();
      }
      await chris.isIn('ended');
      assert.equal(whyEnded(chris), 'unanswered');
      await jesse.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
    },
  );

  scenario('at once when nobody of the team is available', async (world) => {
    await world.online('mia');
    const chris = await world.visitor('Chris').asks('Hello?');
    await chris.reads();
    await chris.isIn('ended');
    assert.equal(whyEnded(chris), 'unanswered');
  });

  for (const how of ['away', 'xa', 'dnd', 'logged out'] as const) {
    scenario(`at once, too, when the last one who is available is ${how} while it rings`, async (world) => {
      const jesse = await world.online('jesse');
      const chris = await world.visitor('Chris').asks('Hello?');
      await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
      await jesse.receives(`<message from='${chris.fullJid}'><body>▸ …</body></message>`);
      if (how === 'logged out') await jesse.leaves();
      else {
        jesse.sends(`<presence><show>${how}</show></presence>`);
        await jesse.receives(`<message from='${chris.fullJid}'><body>▸ …withdrawn…not available…</body></message>`);
      }
      await chris.isIn('ended');
      assert.equal(whyEnded(chris), 'unanswered');
    });

    scenario(`a member who is ${how} while it rings: the next one is asked at once`, async (world) => {
      const jesse = await world.online('jesse');
      await world.advance(1_000);
      const varun = await world.online('varun');
      const chris = await world.visitor('Chris').asks('Hello?');
      await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
      await varun.receivesNothing(`<message from='${chris.fullJid}'/>`, 'it rings at Jesse');
      if (how === 'logged out') await jesse.leaves();
      else jesse.sends(`<presence><show>${how}</show></presence>`);
      await varun.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    });
  }

  scenario('a connection that drops while it rings is waited for, a minute at most', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    jesse.cut();
    await world.advance(30_000);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'waiting');
    await jesse.returns();
    await jesse.receives(`<message from='${chris.jid}…'><body>Hello?</body></message>`);
    jesse.cut();
    await world.advance(61_000);
    await chris.isIn('ended');
    assert.equal(whyEnded(chris), 'unanswered');
  });

  scenario('to who has only apps that take no messages is a request to nobody', async (world) => {
    await world.online('jesse', { priority: -1 });
    assert.equal((await world.site.reception(world.tenant)).teams[0]?.available, false);
    const chris = await world.visitor('Chris').asks('Hello?');
    await chris.reads();
    await chris.isIn('ended');
  });

  scenario('round-robin asks who has the fewest running chats, then who is idle longest', async (world) => {
    // not in the order of the configuration
    const varun = await world.online('varun');
    await world.advance(1_000);
    const jesse = await world.online('jesse');
    const chatOf = async (app: typeof jesse, name: string) => {
      const visitor = await world.visitor(name).asks(name);
      const asked = await world.ringingAt([jesse, varun], visitor);
      assert.equal(asked.options.username, app.options.username, name);
      app.says(visitor.jid, 'yes');
      await visitor.hears('yes');
      await app.settle();
      await world.advance(1_000);
      return visitor;
    };
    const one = await chatOf(varun, 'idle for longer');
    await chatOf(jesse, 'fewer chats');
    await chatOf(varun, 'as many chats, idle for longer');
    await chatOf(jesse, 'fewer chats again');
    varun.says(one.jid, '$end');
    await one.isIn('ended');
    await chatOf(varun, 'fewer chats, though idle for less');
  });

  scenario('nobody is asked who has 5 chats already', async (world) => {
    const jesse = await world.online('jesse');
    const running = [];
    for (let number = 1; number <= 5; number++) {
      const visitor = await world.visitor(`Visitor ${number}`).asks(`question ${number}`);
      await jesse.receives(`<message from='${visitor.fullJid}'><body>question ${number}</body></message>`);
      jesse.says(visitor.jid, 'yes');
      await visitor.hears('yes');
      running.push(visitor);
    }
    const sixth = await world.visitor('Sixth').asks('And I?');
    await jesse.receivesNothing(`<message from='${sixth.fullJid}'/>`, 'it has five chats');
    await sixth.reads();
    assert.equal(sixth.view?.phase.is, 'waiting');
    jesse.says(running[2]?.jid ?? '', '$end');
    await jesse.receives(`<message from='${sixth.fullJid}'><body>And I?</body></message>`);
  });

  scenario('what is given back comes before what has waited for longer', { ring: { maxChats: 1 } }, async (world) => {
    const jesse = await world.online('jesse');
    const first = await world.visitor('First').asks('first');
    await jesse.receives(`<message from='${first.fullJid}'><body>first</body></message>`);
    jesse.says(first.jid, 'yes');
    await first.hears('yes');
    const varun = await world.online('varun');
    const second = await world.visitor('Second').asks('second');
    await varun.receives(`<message from='${second.fullJid}'><body>second</body></message>`);
    varun.says(second.jid, 'yes');
    await second.hears('yes');
    const third = await world.visitor('Third').asks('third');
    await jesse.leaves();
    await world.advance(301_000);
    await first.isIn('waiting');
    varun.forgets();
    varun.says(second.jid, '$end');
    await varun.receives(`<message from='${first.fullJid}'><body>first</body></message>`);
    await varun.receivesNothing(`<message from='${third.fullJid}'><body>third</body></message>`, 'it is not first');
  });

  scenario('round-robin asks one at a time, with one request at a time for each', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun');
    const one = await world.visitor('One').asks('1');
    const first = await world.ringingAt([jesse, varun], one);
    const second = first === jesse ? varun : jesse;
    const two = await world.visitor('Two').asks('2');
    await second.receives(`<message from='${two.fullJid}'><body>2</body></message>`);
    const three = await world.visitor('Three').asks('3');
    await first.receivesNothing(`<message from='${three.fullJid}'/>`, 'it is still asked for One');
    await second.receivesNothing(`<message from='${three.fullJid}'/>`, 'it is still asked for Two');
    first.says(one.fullJid, 'yes');
    await one.hears('yes');
    // second has no running chat but is still asked; first is free and has one
    await first.receives(`<message from='${three.fullJid}'><body>3</body></message>`);
  });

  scenario(
    'if all are full the chat waits, and goes on when somebody is free',
    { ring: { maxChats: 1 } },
    async (world) => {
      const varun = await world.online('varun');
      const one = await world.visitor('One').asks('1');
      varun.says(one.fullJid, 'yes');
      await one.hears('yes');
      const two = await world.visitor('Two').asks('2');
      await world.advance(10 * 60_000);
      await two.reads();
      assert.equal(two.view?.phase.is, 'waiting');
      await varun.receivesNothing(
        `<message from='${two.fullJid}'><body>2</body></message>`,
        'it has all the chats it may have',
      );
      varun.says(one.fullJid, '$end');
      await varun.receives(`<message from='${two.fullJid}'><body>2</body></message>`);
    },
  );

  scenario(
    'open-queue asks every available member at once; $end hides the request for that one',
    { ring: { strategy: 'open-queue' } },
    async (world) => {
      const jesse = await world.online('jesse');
      const varun = await world.online('varun');
      const chris = await world.visitor('Chris').asks('Hello?');
      await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
      await varun.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
      jesse.says(chris.fullJid, '$end');
      await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Declined…</body></message>`);
      await jesse.settle();
      await chris.reads();
      assert.equal(chris.view?.phase.is, 'waiting');
      jesse.forgets();
      jesse.sends('<presence><show>away</show></presence>');
      jesse.sends('<presence/>');
      await world.online('nora@acme.com');
      await world.advance(30_000);
      await jesse.receivesNothing(`<message from='${chris.jid}…'/>`, 'it has declined');
      varun.says(chris.fullJid, 'Mine');
      await chris.hears('Mine');
    },
  );

  scenario(
    'open-queue asks the visitor to leave a message after 300 s',
    { ring: { strategy: 'open-queue' } },
    async (world) => {
      const jesse = await world.online('jesse');
      const chris = await world.visitor('Chris').asks('Hello?');
      await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
      await world.advance(299_000);
      await chris.reads();
      assert.equal(chris.view?.phase.is, 'waiting');
      await world.advance(1_000);
      await chris.isIn('ended');
    },
  );

  scenario(
    'if a colleague was faster the app says so, the text is not sent, and the request goes away everywhere',
    { ring: { strategy: 'open-queue' } },
    async (world) => {
      const jesse = await world.online('jesse');
      const jessesPhone = await world.online('jesse', { resource: 'phone' });
      const varun = await world.online('varun');
      const chris = await world.visitor('Chris').asks('Hello?');
      for (const app of [jesse, jessesPhone, varun])
        await app.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
      varun.says(chris.fullJid, 'I am Varun');
      jesse.says(chris.fullJid, 'I am Jesse');
      const winner = await world.until(() => chris.texts('staff')[0], 'nobody was heard');
      const [loser, name] = winner === 'I am Varun' ? [jesse, 'Varun Shah'] : [varun, 'Jesse Stone'];
      await loser.receives(`<message from='${chris.jid}…'><body>▸ …aken by ${name}…</body></message>`);
      await loser.settle();
      await chris.reads();
      assert.deepEqual(chris.texts('staff'), [winner]);
      assert.deepEqual(chris.view?.with, [name]);
      if (loser === jesse)
        await jessesPhone.receives(`<message from='${chris.jid}…'><body>▸ …aken by ${name}…</body></message>`);
    },
  );

  scenario(
    'a reply to a request that somebody else took goes to nobody, also when the desk has moved meanwhile',
    { ring: { strategy: 'open-queue' } },
    async (world) => {
      const jesse = await world.online('jesse', { sm: true });
      const varun = await world.online('varun', { sm: true });
      const chris = await world.visitor('Chris').asks('Where is it?');
      for (const app of [jesse, varun])
        await app.receives(`<message from='${chris.fullJid}'><body>Where is it?</body></message>`);
      jesse.says(chris.fullJid, 'I look.');
      await chris.hears('I look.');
      await varun.receives(`<message from='${chris.fullJid}'><body>▸ Taken by Jesse Stone.</body></message>`);
      if (world.gateways > 1) await world.stopDeskOf(world.tenant, [jesse, varun], chris);
      await world.advance(5_000);
      varun.says(chris.fullJid, 'My late reply');
      await varun.receives(
        `<message from='${chris.fullJid}'><body>▸ Taken by Jesse Stone. Your text was not sent…</body></message>`,
      );
      await chris.reads();
      assert.deepEqual(chris.texts('staff'), ['I look.']);
      varun.says(chris.fullJid, 'My late reply');
      await chris.hears('My late reply');
    },
  );

  scenario('a request that no app proves to have got within 10 s is offered on', async (world) => {
    const asleep = await world.online('jesse', { sm: true, answers: false });
    const chris = await world.visitor('Chris').asks('Hello?');
    await asleep.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    const varun = await world.online('varun');
    await world.advance(9_000);
    await varun.receivesNothing(`<message from='${chris.fullJid}'/>`, 'the phone has a second left');
    await world.advance(1_500);
    await varun.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
  });

  scenario('one proof from any app of theirs is enough: with acks, or with the answer to a ping', async (world) => {
    const asleep = await world.online('jesse', { sm: true, answers: false, resource: 'phone' });
    const awake = await world.online('jesse', { resource: 'desk' });
    const varun = await world.online('varun');
    varun.sends(`<presence><show>away</show></presence>`);
    await varun.settle();
    const chris = await world.visitor('Chris').asks('Hello?');
    await asleep.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    await awake.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    await awake.settle();
    await world.advance(30_000);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'waiting');
  });

  scenario('G20 an accept after the ring has moved on is not sent, and told', async (world) => {
    const jesse = await world.online('jesse');
    await world.advance(1_000);
    const varun = await world.online('varun');
    const chris = await world.visitor('Chris').asks('Hello?');
    await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    await world.advance(60_000);
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Missed…</body></message>`);
    await varun.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    varun.says(chris.fullJid, 'I am Varun');
    await chris.hears('I am Varun');
    const id = jesse.says(chris.fullJid, 'Too late');
    await jesse.receives(
      `<message from='${chris.jid}…'><body>▸ Taken by Varun Shah. Your text was not sent…</body></message>`,
    );
    await jesse.receives(`<message type='error' from='${chris.jid}…' id='${id}'/>`);
    await chris.reads();
    assert.deepEqual(chris.texts('staff'), ['I am Varun']);
  });

  scenario('G20 an accept after the visitor has gone is not sent, and told', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    await chris.ends();
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Chris is gone…</body></message>`);
    await jesse.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
    const id = jesse.says(chris.fullJid, 'Too late');
    await jesse.receives(
      `<message type='error' from='${chris.jid}…' id='${id}'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>…Nothing was sent…</text></error></message>`,
    );
    await chris.reads();
    assert.deepEqual(chris.texts('staff'), []);
  });

  scenario(
    'an app that logs in while a request rings for its user gets it',
    { ring: { strategy: 'open-queue' } },
    async (world) => {
      await world.online('varun');
      const chris = await world.visitor('Chris').asks('Hello?');
      const jesse = await world.online('jesse');
      await jesse.receives(`<presence from='${chris.fullJid}'/>`);
      await jesse.receives(`<message from='${chris.jid}…'><body>Hello?</body></message>`);
    },
  );

  scenario(
    'outside business hours nobody is asked',
    { hours: [{ days: ['sun'], from: '09:00', to: '10:00' }] },
    async (world) => {
      const jesse = await world.online('jesse');
      assert.equal((await world.site.reception(world.tenant)).open, false);
      await assert.rejects(
        world.visitor('Dana').asks('Anybody?'),
        (error) => error instanceof SiteError && error.refusal === 'closed',
      );
      await jesse.receivesNothing('<message/>', 'nobody works now');
      await world.visitor('Chris').leavesMessage('Call me', 'chris@example.com');
      await jesse.receives(`<message from='gateway@visitors.acme.test…'><body>▸ …</body></message>`);
      jesse.says('gateway@visitors.acme.test', '$messages');
      await jesse.receives(`<message from='gateway@visitors.acme.test…'><body>…Call me…</body></message>`);
    },
  );
});
