import { adHoc } from './adhoc.ts';
import { serviceAdministration } from './admin.ts';
import { archive } from './archive.ts';
import { avatars } from './avatar.ts';
import { blocking } from './blocking.ts';
import { caps } from './caps.ts';
import { carbons } from './carbons.ts';
import { clientState } from './csi.ts';
import * as declared from './declared.ts';
import { disco } from './disco.ts';
import type { Feature } from './feature.ts';
import { lastActivity } from './last-activity.ts';
import { legacySession } from './legacy-session.ts';
import { ping } from './ping.ts';
import { privateStorage } from './private-storage.ts';
import { roster } from './roster.ts';
import { time } from './time.ts';
import { upload } from './upload.ts';
import { vcard } from './vcard-temp.ts';
import { vcard4Node } from './vcard4.ts';
import { version } from './version.ts';

/**
 * Everything that is spoken, in the order in which it is announced and asked. Client state is last: it holds
 * back stanzas that the others have finished.
 */
export const features: readonly Feature[] = [
  declared.core,
  declared.tls,
  declared.instantMessaging,
  declared.addresses,
  legacySession,
  roster,
  disco,
  privateStorage,
  vcard,
  lastActivity,
  adHoc,
  declared.outOfBandData,
  declared.chatStates,
  version,
  declared.jidEscaping,
  avatars,
  caps,
  serviceAdministration,
  declared.receipts,
  blocking,
  declared.streamManagement,
  ping,
  time,
  declared.delayedDelivery,
  carbons,
  vcard4Node,
  declared.correction,
  archive,
  declared.markers,
  declared.stanzaIds,
  upload,
  declared.directTls,
  declared.retraction,
  declared.fallbackIndication,
  declared.reactions,
  declared.replies,
  clientState,
];
