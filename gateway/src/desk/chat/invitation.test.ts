import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatId, StaffId } from '../../helpdesk/model.ts';
import { type Bench, openBench } from '../testing/bench.ts';
import { staffUser, SUPPORT } from '../testing/fake-helpdesk.ts';
import { news, peopleIn, talking } from '../testing/talking.ts';

describe('an invitation', () => {
  it('is proved and urgent, with a notice of the last lines that is neither', async () => {
    const { jesse, varun, chat } = await talking();
    await jesse.says(chat, '$invite varun why not');
    const [alert, context] = varun.of('message');
    assert.ok(alert?.urgent === true && alert.proof !== undefined);
    assert.equal(context?.proof, undefined);
    assert.deepEqual(varun.takes(), [
      '▸ Jesse Lee invites you into the chat with Chris (Sales): why not\nChris asked: Where is my order?\n' +
        'Any reply accepts, and Chris reads that reply. $end declines. You have 60 seconds.',
      '▸ The last lines:\n14:02 Chris: Where is my order?\n14:02 Jesse Lee: Hello.',
    ]);
  });
  it('G12 has nothing in it that looks like another line or notice', async () => {
    const { bench, jesse, varun, chat } = await talking();
    bench.helpdesk.visitorSays(chat, 'x\n▸ Varun Shah: I give you my password\n14:05 Jesse Lee: so do I');
    await bench.settle();
    await jesse.says(chat, '$invite varun first\n▸ Declined.');
    const [alert = '', context = ''] = varun.takes();
    assert.match(alert, /: first ▸ Declined\.\nChris asked: /u);
    assert.match(context, /\n14:02 Chris: x\n {6}▸ Varun Shah: I give you my password\n {6}14:05 Jesse Lee: so do I$/u);
  });
  it('goes out also when the last lines cannot be read', async () => {
    const { bench, jesse, varun, chat } = await talking();
    bench.helpdesk.faults.set('history', ['hang', 'hang', 'hang', 'hang']);
    await jesse.says(chat, '$invite varun');
    assert.equal(varun.of('message').length, 1);
    await varun.proves();
    await bench.advance(30_000);
    assert.deepEqual(bench.helpdesk.declined, []);
  });
  it('is told to nobody’s other chats, and the live lines wait until they take part', async () => {
    const { bench, jesse, varun, chat } = await talking();
    await jesse.says(chat, '$invite varun');
    varun.takes();
    bench.helpdesk.visitorSays(chat, 'Hello?');
    await jesse.says(chat, 'Wait.');
    assert.deepEqual(varun.takes(), []);
    await varun.says(chat, 'Here.');
    assert.deepEqual(varun.takes(), [
      '(late) Where is my order?',
      '(late) ▸ Jesse Lee: Hello.',
      '(late) Hello?',
      '(late) ▸ Jesse Lee: Wait.',
      '(late) ▸ Varun Shah joined the chat.',
    ]);
  });
  it('that no app proves in 10 s counts as not seen; typing proves it', async () => {
    for (const isTyping of [false, true]) {
      const { bench, jesse, varun, chat } = await talking();
      await jesse.says(chat, '$invite varun');
      if (isTyping) await varun.state(chat, 'composing');
      await bench.advance(10_000);
      assert.deepEqual(bench.helpdesk.declined, isTyping ? [] : ['varun unseen']);
      assert.deepEqual(bench.helpdesk.typed, [], 'G18 nobody is told that they type');
    }
  });
  it('to somebody whose last app logs out ends at once', async () => {
    const { bench, jesse, varun, chat } = await talking();
    await jesse.says(chat, '$invite varun');
    await varun.proves();
    jesse.takes();
    await varun.closed();
    await bench.settle();
    assert.deepEqual(bench.helpdesk.declined, ['varun unseen']);
    assert.match(jesse.takes().join(), /Varun Shah did not get your invitation/u);
  });
  it('is asked for once: of who is asked already another is a local error', async () => {
    const { bench, jesse, chat } = await talking();
    await jesse.says(chat, '$invite varun');
    await jesse.says(chat, '$invite varun');
    assert.match(jesse.takes().join('\n'), /Varun Shah is being asked already/u);
    assert.equal(bench.helpdesk.offers.size, 1);
  });
  it('becomes a transfer to the same colleague: neither of the two hears that it is over', async () => {
    const { bench, jesse, varun, chat } = await talking();
    await jesse.says(chat, '$invite varun');
    [jesse, varun].map((app) => app.takes());
    await jesse.says(chat, '$transfer varun');
    assert.deepEqual(
      Array.from(bench.helpdesk.offers.values(), ({ kind }) => kind),
      ['transfer'],
    );
    assert.deepEqual(jesse.takes(), ['▸ Varun Shah is asked to take over. You stay in the chat until then.']);
    const [alert = '', context = '', ...more] = varun.takes();
    assert.match(alert, /^▸ Jesse Lee hands the chat with Chris \(Sales\) over to you/u);
    assert.match(context, /^▸ The last lines:/u);
    assert.deepEqual(more, []);
  });
  it('G08 a hundred in a second are limited', async () => {
    const { bench, jesse, chat } = await talking();
    bench.helpdesk.directory(() => {
      for (let n = 0; n < 100; n++)
        bench.helpdesk.staff.set(`u${n}` as StaffId, staffUser(`u${n}`, `User ${n}`, { status: 'online' }));
    });
    await bench.settle();
    jesse.takes();
    for (let n = 0; n < 100; n++) void jesse.says(chat, `$invite u${n}`);
    await bench.settle();
    assert.equal(jesse.takes().filter((text) => text.includes('Too many commands')).length, 90);
  });
  it('that ended while nobody was told is told from what can be seen', async () => {
    const ways: Readonly<Record<string, (bench: Bench, chat: ChatId) => unknown>> = {
      'Varun Shah has accepted your invitation.': ({ helpdesk }, chat) => {
        const known = helpdesk.chats.get(chat);
        if (known !== undefined) helpdesk.chats.set(chat, { ...known, participants: ['jesse', 'varun'] as never });
      },
      'Varun Shah did not answer in time.': ({ clock }) => clock.advance(60_000),
      'Varun Shah is not asked any more.': () => undefined,
    };
    for (const [told, happens] of Object.entries(ways)) {
      const { bench, jesse, varun, chat } = await talking();
      await jesse.says(chat, '$invite varun');
      await varun.proves();
      await bench.host.stop(bench.tenant.id);
      bench.helpdesk.offers.clear();
      await happens(bench, chat);
      const kept = [jesse, varun].map(({ id, staff, resource }) => ({
        id,
        tenant: bench.tenant.id,
        staff,
        bareJid: `${staff}@acme.example`,
        resource,
        pod: 'p',
        epoch: 1,
        availability: { show: 'available' as const, priority: 0 },
        carbons: false,
        attached: true,
        handled: 0,
        written: 0,
      }));
      jesse.takes();
      await bench.start(kept);
      assert.ok(news(jesse).includes(`▸ ${told}`), told);
    }
  });
  it('taken by somebody who soon leaves lets them join again at once', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const varun = await bench.online('varun');
    const chat = await bench.running(jesse);
    await jesse.says(chat, '$invite varun');
    await varun.says(chat, 'Varun.');
    await varun.says(chat, '$leave');
    await varun.says(chat, 'One more thing.');
    assert.deepEqual(bench.said.slice(1), ['Varun.', 'One more thing.']);
    assert.deepEqual(peopleIn(bench, chat), ['jesse', 'varun']);
  });
  it('is heard of by an inviter who has left, as long as they see the chat', async () => {
    const { bench, jesse, varun, chat } = await talking();
    await varun.says(chat, 'Varun.');
    const ada = await bench.online('ada');
    await jesse.says(chat, '$invite ada');
    await jesse.says(chat, '$end');
    jesse.takes();
    await ada.says(chat, '$end');
    assert.deepEqual(jesse.takes(), ['▸ Ada Byron has declined your invitation.']);
  });
});

describe('a transfer', () => {
  it('tells who handed over once, whichever the helpdesk tells first', async () => {
    for (const order of ['chat first', 'offer first'] as const) {
      const { bench, jesse, varun, chat } = await talking();
      await jesse.says(chat, '$transfer varun');
      jesse.takes();
      const [offer] = bench.helpdesk.offers.values();
      assert.ok(offer !== undefined);
      const change = () => bench.helpdesk.change(chat, { participants: [varun.staff] });
      if (order === 'chat first') change();
      bench.helpdesk.endOffer(offer, { is: 'accepted' });
      if (order === 'offer first') change();
      await bench.settle();
      assert.deepEqual(jesse.takes(), ['▸ Varun Shah has taken over the chat. You are no longer in it.'], order);
      await bench.advance(20_000);
      bench.helpdesk.change(chat, { participants: [varun.staff, jesse.staff] });
      bench.helpdesk.change(chat, { participants: [varun.staff] });
      await bench.settle();
      assert.match(jesse.takes().join(), /You have left this chat/u, 'a later leave is told');
    }
  });
  it('to a team tells only what came of it', async () => {
    const { bench, jesse, chat } = await talking();
    const ada = await bench.online('ada');
    bench.helpdesk.directory(() =>
      bench.helpdesk.staff.set('eve' as StaffId, staffUser('eve', 'Eve', { teams: [SUPPORT] })),
    );
    const eve = await bench.online('eve');
    await jesse.says(chat, '$transfer team: support it is broken');
    assert.deepEqual(news(jesse), ['▸ Support is asked to take over. You stay in the chat until then.']);
    assert.match(news(ada).join(), /hands the chat with Chris \(Sales\) over to Support: it is broken/u);
    await eve.says(chat, '$end');
    assert.deepEqual(jesse.takes(), []);
    bench.helpdesk.failsTransfer(chat, jesse.staff, SUPPORT);
    await bench.settle();
    assert.deepEqual(jesse.takes(), ['▸ Nobody of Support took over the chat. You are still in it.']);
  });
});
