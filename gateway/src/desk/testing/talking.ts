import type { ChatId, StaffId } from '../../helpdesk/model.ts';
import { type Bench, openBench, type TestApp } from './bench.ts';
import { staffUser } from './fake-helpdesk.ts';

/** Jesse has answered Chris a while ago; Varun is there, too, and so may be Bo, who may observe all. */
export async function talking() {
  const bench = await openBench();
  const boss = staffUser('boss', 'Bo Chief', { permissions: ['observe', 'all-teams'], teams: [] });
  bench.helpdesk.directory(() => bench.helpdesk.staff.set('boss' as StaffId, boss));
  await bench.settle();
  const jesse = await bench.online('jesse');
  const varun = await bench.online('varun');
  const chat = await bench.running(jesse);
  await bench.advance(5_000);
  return { bench, jesse, varun, chat };
}

export const peopleIn = ({ helpdesk }: Bench, chat: ChatId) => helpdesk.chats.get(chat)?.participants;
/** What a person reads, without what is read before (the alert's context, the transcript). */
export const news = (app: TestApp) =>
  app.takes().filter((text) => !text.startsWith('(late)') && !text.includes('last lines'));
