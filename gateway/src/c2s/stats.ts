import type { StreamCondition } from '../xmpp/stream-error.ts';

/** Plain counters of an edge, for metrics. Those of the present are numbers of now, all others only grow. */
export interface EdgeStats {
  /** Open now. */
  connections: number;
  /** Bound sessions with a connection now. */
  sessions: number;
  /** Sessions of this edge that wait for a resume or a soft rebind now. */
  detached: number;
  readonly logins: { ok: number; refused: number; throttled: number; unavailable: number };
  /** `stale`: the app's count could not be right. */
  readonly resumes: { resumed: number; gone: number; stale: number; unavailable: number };
  readonly binds: { bound: number; rebound: number; refused: number; unavailable: number };
  /** Connections refused because their address or tenant has too many. */
  refusedConnections: number;
  /** Sockets closed without a stream error: the app was silent, read too slowly, or did not acknowledge. */
  readonly dropped: { silent: number; slow: number; unacknowledged: number };
  readonly streamErrors: Partial<Record<StreamCondition, number>>;
  readonly stanzas: { in: number; out: number };
  /** Failures of our own code while a stanza was handled. */
  handlerFailures: number;
}

export function newStats(): EdgeStats {
  return {
    connections: 0,
    sessions: 0,
    detached: 0,
    logins: { ok: 0, refused: 0, throttled: 0, unavailable: 0 },
    resumes: { resumed: 0, gone: 0, stale: 0, unavailable: 0 },
    binds: { bound: 0, rebound: 0, refused: 0, unavailable: 0 },
    refusedConnections: 0,
    dropped: { silent: 0, slow: 0, unacknowledged: 0 },
    streamErrors: {},
    stanzas: { in: 0, out: 0 },
    handlerFailures: 0,
  };
}
