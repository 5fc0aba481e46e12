import { isUtf8 } from "node:buffer";
import type { WebSocket } from "ws";
import type { Clock } from "../../kit/clock.ts";
import type { Peer } from "./context.ts";
import { cut } from "./frames.ts";
import { LIMITS } from "./model.ts";

/** An open connection: there from the moment `$connect` let it in until its socket is closed. */
export interface Connection {
  readonly peer: Peer;
  readonly socket: WebSocket;
  lastActiveAt: number;
  received: number;
  sent: number;
  /** Why this side closed it; undefined while it is open, or when the client did. */
  closing?: { readonly code: number; readonly reason: string };
  /** Messages that wait for the one before them. */
  readonly waiting: Buffer[];
  /** Settles when no message waits any more; undefined while none does. */
  draining?: Promise<void> | undefined;
  readonly timers: Set<() => void>;
}

/** A connection over an accepted socket. */
export const openConnection = (peer: Peer, socket: WebSocket): Connection => ({
  peer,
  socket,
  lastActiveAt: peer.connectedAt,
  received: 0,
  sent: 0,
  waiting: [],
  timers: new Set(),
});

/** Whether messages still go through: neither side has begun to close. */
export const isOpen = ({ socket, closing }: Connection): boolean =>
  closing === undefined && socket.readyState === socket.OPEN;

/** Closes a connection from this side. What the client is told is also what `$disconnect` is told. */
export const close = (connection: Connection, code: number, reason: string): void => {
  if (connection.closing) return;
  connection.closing = { code, reason };
  connection.socket.resume(); // the client's own close frame must be read
  connection.socket.close(code, reason);
};

/** Text frames must be UTF-8, or the client would close the connection. */
const asText = (data: Buffer): Buffer => (isUtf8(data) ? data : Buffer.from(data.toString("utf8")));

/** Whether so much waits for this client already that nothing more is taken: a client that does not read fills no memory. */
export const isFull = ({ socket }: Connection): boolean => socket.bufferedAmount > LIMITS.waitingBytes;

/** Sends a text message in frames of at most 32 KB. Resolves once it is handed to the system: false when the client is gone. */
export const send = (connection: Connection, clock: Clock, data: Buffer): Promise<boolean> => {
  if (!isOpen(connection)) return Promise.resolve(false);
  connection.lastActiveAt = clock.now();
  connection.sent += 1;
  const pieces = cut(asText(data), LIMITS.frameBytes);
  return new Promise((resolve) => {
    // All frames of a message are queued at once: no other message comes between them.
    pieces.forEach((piece, index) => {
      const fin = index === pieces.length - 1;
      connection.socket.send(piece, { binary: false, fin }, fin ? (error) => resolve(!error) : undefined);
    });
  });
};

const idleAfter = (connection: Connection, clock: Clock, ms: number): void => {
  const cancel = clock.after(ms, () => {
    connection.timers.delete(cancel);
    const left = connection.lastActiveAt + LIMITS.idleMs - clock.now();
    // One timer for each connection, not one for each message: it looks when it fires.
    if (left > 0) idleAfter(connection, clock, left);
    else close(connection, 1001, "Going away");
  });
  connection.timers.add(cancel);
};

/** Closes a connection after ten minutes without a message or a ping, or two hours after it was opened. */
export const limitLife = (connection: Connection, clock: Clock): void => {
  idleAfter(connection, clock, LIMITS.idleMs);
  connection.timers.add(clock.after(LIMITS.lifeMs, () => close(connection, 1001, "Going away")));
};

/** How a closed connection ended, as `$disconnect` is told. */
export const endOf = (
  { closing }: Connection,
  code: number,
  reason: string,
): { code: number; reason: string } => {
  if (closing) return closing;
  if (code === 1005) return { code, reason: "Client-side close frame status code not set" };
  return { code, reason: code === 1006 && reason === "" ? "Connection closed abnormally" : reason };
};
