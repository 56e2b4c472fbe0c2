import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  findings,
  looks,
  type OpenedHelpdesk,
  openHelpdesk,
  openVisitor,
  screenshot,
  startChat,
  useBrowser,
} from './open-page.ts';

useBrowser();

for (const [look, options] of Object.entries(looks)) {
  describe(`every state of the page: ${look}`, () => {
    let helpdesk: OpenedHelpdesk;
    before(async () => {
      helpdesk = await openHelpdesk();
    });
    after(async () => {
      await helpdesk.close();
    });

    it('has nothing that axe-core finds, no sideways scrolling, no request elsewhere and no policy violation', async () => {
      const { page, complaints, requested } = await openVisitor(options);
      const { site, url } = helpdesk;
      const found: string[] = [];
      const lookAt = async (state: string) => {
        // entered focus rings and the like are part of the picture; animations are not
        await screenshot(page, `${look}-${state}`);
        found.push(...(await findings(page)).map((finding) => `${state}: ${finding}`));
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        if (wide > 0) found.push(`${state}: ${wide} px too wide`);
      };

      await page.goto(url);
      await page.getByRole('heading', { name: 'Hello! How can we help?' }).waitFor();
      await lookAt('01-start');
      await page.getByRole('button', { name: 'Start chat' }).click();
      await page.getByLabel('Email').fill('chris');
      await page.getByRole('button', { name: 'Start chat' }).click();
      await lookAt('02-start-problems');
      await startChat(page);
      await page.getByText('Waiting for Sales').waitFor();
      await lookAt('03-waiting');
      await page.getByRole('button', { name: 'Leave a message instead' }).click();
      await page.getByRole('heading', { name: 'Leave a message' }).waitFor();
      await lookAt('04-message-instead');
      await page.getByRole('button', { name: 'Back to the chat' }).click();

      const chat = site.newest();
      site.answer(
        chat,
        'Jesse Vincent',
        'Hello Chris, let me look. It is on https://acme.example/orders/1234 (track it there).',
      );
      site.notice(chat, 'مريم joined the chat.');
      site.answer(chat, 'مريم', 'مرحبا! كيف يمكنني مساعدتك؟');
      site.answer(chat, 'Jesse Vincent', 'averyverylongwordwithoutanybreak'.repeat(8));
      await page.getByLabel('Write a message').fill('Thank you!\nI can see it now.');
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.getByRole('log').getByText('I can see it now.').waitFor();
      site.staffTypes(chat, 'Jesse Vincent', true);
      await page.getByText('Jesse Vincent is typing…').waitFor();
      await lookAt('05-running');
      site.staffTypes(chat, 'Jesse Vincent', false);
      for (let number = 1; number <= 12; number++)
        site.answer(chat, 'Jesse Vincent', `Step ${number}: press the button.`);
      await page.getByText('Step 12').waitFor();
      await page.getByLabel('Write a message').fill('x'.repeat(3_700));
      await lookAt('06-long');
      await page.getByLabel('Write a message').fill('');
      await page.getByRole('button', { name: 'End chat' }).click();
      await page.getByRole('heading', { name: 'End this chat?' }).waitFor();
      await lookAt('07-end-question');
      await page.getByRole('dialog').getByRole('button', { name: 'End chat' }).click();
      await page.getByText('You ended the chat. Thank you!').waitFor();
      await lookAt('08-over');

      await page.getByRole('button', { name: 'Start a new chat' }).click();
      await page.getByLabel('Your name').waitFor();
      await startChat(page, 'Anybody there?');
      site.endChat(site.newest(), 'unanswered');
      await page.getByText('Nobody could answer this time.').waitFor();
      await lookAt('09-unanswered');
      await page.getByRole('button', { name: 'Leave a message', exact: true }).click();
      await page.getByText('We are sorry').waitFor();
      await lookAt('10-message-unanswered');
      await page.getByRole('button', { name: 'Send message' }).click();
      await page.getByRole('heading', { name: 'Thank you!' }).waitFor();
      await lookAt('11-message-sent');

      site.open = false;
      await page.reload();
      await page.getByText('We are not here right now').waitFor();
      await lookAt('12-closed');
      site.open = true;
      site.form = {
        phone: true,
        fields: [
          { id: 'order', label: 'Order number', required: true },
          { id: 'long', label: 'What did you already try to do about it, in a few words?', required: false },
        ],
      };
      await page.reload();
      await page.getByLabel('Order number').waitFor();
      await page.getByRole('button', { name: 'Start chat' }).click();
      await lookAt('14-start-asks-more');
      site.form = { phone: false, fields: [] };

      await page.goto(`${url}/?tenant=nobody.example`);
      await page.getByRole('heading', { name: 'No helpdesk here' }).waitFor();
      await lookAt('13-unknown');

      assert.deepEqual(found, []);
      assert.deepEqual(complaints, []);
      assert.deepEqual([...requested], [url]);
    });

    it('a cut connection is told, and what is written then waits', async () => {
      const { page } = await openVisitor(options);
      await page.goto(helpdesk.url);
      await startChat(page, 'Is this on?');
      helpdesk.site.answer(helpdesk.site.newest(), 'Jesse', 'Yes!');
      await page.getByText('Yes!').waitFor();
      await helpdesk.stop();
      await page.getByLabel('Write a message').fill('And now?');
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.getByText('The connection is interrupted').waitFor();
      await page.getByText('Not sent yet').waitFor();
      await screenshot(page, `${look}-14-offline`);
      assert.deepEqual(await findings(page), []);
      await helpdesk.start();
      await page.getByText('The connection is interrupted').waitFor({ state: 'hidden' });
      await page.getByText('Not sent yet').waitFor({ state: 'hidden' });
      assert.deepEqual(
        helpdesk.site
          .newest()
          .lines.map(({ text }) => text)
          .filter((text) => text === 'And now?'),
        ['And now?'],
      );
    });
  });
}
