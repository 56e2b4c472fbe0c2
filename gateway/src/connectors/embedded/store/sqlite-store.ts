import type { SQLInputValue } from 'node:sqlite';
import type { LeftMessage, StaffId, StaffStatus, TeamId, TenantId } from '../../../helpdesk/model.ts';
import { type ChatState, revived } from '../chat/chat.ts';
import type { Delivery, EmbeddedStore, StaffRecord, StoreChange, StoredTenant } from './port.ts';
import { addAccount, removeAccount, SqliteAccounts } from './sqlite-accounts.ts';
import { addToArchive, archiveFrom } from './sqlite-archive.ts';
import { archivePage } from './sqlite-archive-page.ts';
import { addBan, banOf, bansOf, isBanned, liftBan } from './sqlite-bans.ts';
import { addLine, findLine, isTakenBack, linesAfter } from './sqlite-lines.ts';
import { addNote, notesOf } from './sqlite-notes.ts';
import {
  addPeerMessage,
  filePeerMessages,
  forgetPeerMessages,
  haveToBeFiled,
  peerMessageArrived,
  waitingPeerMessages,
  waitingPeerSize,
  waitsAlready,
} from './sqlite-peer-messages.ts';
import { peopleOf, putPerson } from './sqlite-people.ts';
import type { Row, SqliteDatabase } from './sqlite-database.ts';
import { createSqliteFiles } from './sqlite-files.ts';

/**
 * The embedded helpdesk's store in SQLite. Reads of what is open name their index: over the years nearly all chats
 * and messages are closed, and a scan of them would stop the process.
 */
export function createSqliteStore(database: SqliteDatabase): EmbeddedStore {
  const accounts = new SqliteAccounts(database);
  return {
    files: createSqliteFiles(database),
    load: async (tenant): Promise<StoredTenant> => ({
      chats: database
        .all(
          `SELECT state FROM chat INDEXED BY chat_open WHERE tenant = ? AND phase <> 'ended' ORDER BY started_at, id`,
          tenant,
        )
        .map(chatOf),
      staff: staffOf(database, tenant),
      people: peopleOf(database, tenant),
      deliveries: database.all('SELECT * FROM delivery WHERE tenant = ? ORDER BY next_at', tenant).map(deliveryOf),
      lastMessage: Number(
        database.get('SELECT max(number) AS newest FROM left_message WHERE tenant = ?', tenant)?.['newest'] ?? 0,
      ),
    }),
    write: (tenant, changes) => {
      const written = database.write(tenant, () => {
        for (const change of changes) apply(database, tenant, change);
      });
      return accounts.concerns(changes) ? written.then(() => accounts.tell(tenant)) : written;
    },
    accounts: async (tenant) => accounts.of(tenant),
    onAccounts: (listener) => accounts.listen(listener),
    knowsCall: async (tenant, id) => exists(database, 'SELECT 1 FROM call WHERE tenant = ? AND id = ?', tenant, id),
    forgetCalls: (before) =>
      database.write('', () => {
        database.run('DELETE FROM call WHERE at < ?', before);
      }),
    chat: async (tenant, chat) => {
      const row = database.get('SELECT state, ticket FROM chat WHERE tenant = ? AND id = ?', tenant, chat);
      return row && { chat: chatOf(row), ticket: String(row['ticket']) };
    },
    countWaiting: async (tenant) =>
      Number(
        database.get(
          `SELECT count(*) AS chats FROM chat INDEXED BY chat_open WHERE tenant = ? AND phase = 'waiting' AND phase <> 'ended'`,
          tenant,
        )?.['chats'],
      ),
    staff: async (tenant) => staffOf(database, tenant),
    lines: async (tenant, chat, after, limit) => linesAfter(database, tenant, chat, after, limit),
    hasLine: async (tenant, chat, id) =>
      exists(
        database,
        'SELECT 1 FROM line INDEXED BY line_id WHERE tenant = ? AND chat = ? AND id = ?',
        tenant,
        chat,
        id,
      ),
    findLine: async (tenant, chat, name) => findLine(database, tenant, chat, name),
    isTakenBack: async (tenant, chat, id) => isTakenBack(database, tenant, chat, id),
    notes: async (tenant, chat) => notesOf(database, tenant, chat),
    bans: async (tenant, now, limit) => bansOf(database, tenant, now, limit),
    ban: async (tenant, id, now) => banOf(database, tenant, numberOf(id) || id, now),
    isBanned: async (tenant, who, now) => isBanned(database, tenant, who, now),
    waitingPeerMessages: async (tenant, staff, limit) =>
      archiveFrom(database, tenant, staff) === undefined ? [] : waitingPeerMessages(database, tenant, staff, limit),
    waitsAlready: async (tenant, message, since) => waitsAlready(database, tenant, message, since),
    waitingPeerSize: async (tenant, staff, most) => waitingPeerSize(database, tenant, staff, most),
    archivePage: async (tenant, staff, query) => {
      if (haveToBeFiled(database, tenant)) {
        await database.write(tenant, () => {
          filePeerMessages(database, tenant);
        });
      }
      return archivePage(database, tenant, staff, query);
    },
    forgetPeerMessages: (before) => forgetPeerMessages(database, before),
    knowsLine: async (tenant, chat, messageId) =>
      exists(database, 'SELECT 1 FROM line WHERE tenant = ? AND chat = ? AND message_id = ?', tenant, chat, messageId),
    knowsLeftMessage: async (tenant, messageId) =>
      exists(database, 'SELECT 1 FROM left_message WHERE tenant = ? AND message_id = ?', tenant, messageId),
    leftMessage: async (tenant, id) => {
      const row = database.get('SELECT * FROM left_message WHERE tenant = ? AND number = ?', tenant, numberOf(id));
      return row && leftMessageOf(row);
    },
    leftMessages: async (tenant, teams, limit) => {
      if (teams.length === 0) return [];
      const places = teams.map(() => '?').join(', ');
      const sql =
        `SELECT * FROM left_message INDEXED BY left_message_open WHERE tenant = ? AND done_at IS NULL ` +
        `AND team IN (${places}) ` +
        'ORDER BY number DESC LIMIT ?';
      return database.all(sql, tenant, ...teams, limit).map(leftMessageOf);
    },
    secret: async (tenant, fresh) => {
      const sql = 'SELECT secret FROM tenant WHERE id = ?';
      const known = database.get(sql, tenant)?.['secret'];
      if (typeof known === 'string') return known;
      await database.write(tenant, () => {
        database.run('INSERT INTO tenant (id, secret) VALUES (?, ?) ON CONFLICT (id) DO NOTHING', tenant, fresh());
      });
      return String(database.get(sql, tenant)?.['secret']);
    },
  };
}

function exists(database: SqliteDatabase, sql: string, ...values: SQLInputValue[]): boolean {
  return database.get(sql, ...values) !== undefined;
}

/** Ids of left messages are numbers, short enough to type. */
function numberOf(id: string): number {
  return /^[1-9]\d{0,14}$/u.test(id) ? Number(id) : 0;
}

function apply(database: SqliteDatabase, tenant: TenantId, change: StoreChange): void {
  switch (change.is) {
    case 'chat': {
      const { chat } = change;
      const endedAt = chat.is === 'ended' ? chat.at : null;
      const state = JSON.stringify(chat);
      if (change.ticket === undefined) {
        const sql = 'UPDATE chat SET phase = ?, ended_at = ?, state = ? WHERE tenant = ? AND id = ?';
        database.run(sql, chat.is, endedAt, state, tenant, chat.id);
        return;
      }
      database.run(
        'INSERT INTO chat (tenant, id, phase, started_at, ended_at, ticket, state) VALUES (?, ?, ?, ?, ?, ?, ?)',
        tenant,
        chat.id,
        chat.is,
        chat.startedAt,
        endedAt,
        change.ticket,
        state,
      );
      return;
    }
    case 'line':
      addLine(database, tenant, change.chat, change.line);
      if (change.readers === undefined || change.readers.length === 0) return;
      filePeerMessages(database, tenant);
      for (const reader of change.readers) addToArchive(database, tenant, reader, change.chat, change.line);
      return;
    case 'note':
      addNote(database, tenant, change.chat, change.note);
      return;
    case 'peer-message':
      addPeerMessage(database, tenant, change.message, change.waits);
      return;
    case 'peer-messages-arrived':
      for (const id of change.ids) peerMessageArrived(database, tenant, change.staff, id);
      return;
    case 'ban':
      addBan(database, tenant, change.ban, change.who);
      return;
    case 'ban-lifted':
      liftBan(database, tenant, numberOf(change.id), change.at);
      return;
    case 'staff': {
      const { id, status, text, idleSince } = change.staff;
      database.run(
        'INSERT INTO staff (tenant, id, status, status_text, idle_since) VALUES (?, ?, ?, ?, ?) ' +
          'ON CONFLICT DO UPDATE SET status = excluded.status, status_text = excluded.status_text, ' +
          'idle_since = excluded.idle_since',
        tenant,
        id,
        status,
        text ?? null,
        idleSince,
      );
      return;
    }
    case 'person':
      putPerson(database, tenant, change.person, change.isAnother === true);
      return;
    case 'call':
      database.run('INSERT INTO call (tenant, id, at) VALUES (?, ?, ?)', tenant, change.id, change.at);
      return;
    case 'left-message': {
      const { id, at, team, name, email, text } = change.message;
      database.run(
        'INSERT INTO left_message (tenant, number, at, team, name, email, text, message_id) ' +
          'VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        tenant,
        numberOf(id),
        at,
        team,
        name,
        email,
        text,
        change.messageId,
      );
      return;
    }
    case 'message-done':
      database.run(
        'UPDATE left_message SET done_at = ? WHERE tenant = ? AND number = ? AND done_at IS NULL',
        change.at,
        tenant,
        numberOf(change.id),
      );
      return;
    case 'delivery': {
      const { message, attempts, nextAt, expires } = change.delivery;
      database.run(
        'INSERT INTO delivery (tenant, message, attempts, next_at, expires) VALUES (?, ?, ?, ?, ?) ' +
          'ON CONFLICT DO UPDATE SET attempts = excluded.attempts, next_at = excluded.next_at',
        tenant,
        numberOf(message),
        attempts,
        nextAt,
        expires,
      );
      return;
    }
    case 'delivered':
      database.run('DELETE FROM delivery WHERE tenant = ? AND message = ?', tenant, numberOf(change.message));
      return;
    case 'account':
      addAccount(database, tenant, change.account);
      return;
    case 'account-gone':
      removeAccount(database, tenant, change.username);
  }
}

/** Only {@link apply} writes these columns. */
function chatOf(row: Row): ChatState {
  return revived(JSON.parse(String(row['state'])) as ChatState);
}

function staffOf(database: SqliteDatabase, tenant: TenantId): readonly StaffRecord[] {
  return database.all('SELECT * FROM staff WHERE tenant = ?', tenant).map((row) => ({
    id: String(row['id']) as StaffId,
    status: String(row['status']) as StaffStatus,
    ...(typeof row['status_text'] === 'string' && { text: row['status_text'] }),
    idleSince: Number(row['idle_since']),
  }));
}

function leftMessageOf(row: Row): LeftMessage {
  return {
    id: String(row['number']),
    at: Number(row['at']),
    team: String(row['team']) as TeamId,
    name: String(row['name']),
    email: String(row['email']),
    text: String(row['text']),
    done: row['done_at'] !== null,
  };
}

function deliveryOf(row: Row): Delivery {
  return {
    message: String(row['message']),
    attempts: Number(row['attempts']),
    nextAt: Number(row['next_at']),
    expires: Number(row['expires']),
  };
}
