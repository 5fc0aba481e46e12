/** Looks at the heads of the frames a client sends, in whatever pieces they come. */
export type FrameWatch = (bytes: Buffer) => void;

/** The longest head a client sends: two bytes, eight of length, four of mask. */
const MAX_HEAD = 14;

const headLength = (second: number): number => {
  const short = second & 0x7f;
  return 2 + (short === 127 ? 8 : short === 126 ? 2 : 0) + (second & 0x80 ? 4 : 0);
};

const payloadLength = (head: Buffer): number => {
  const short = (head[1] ?? 0) & 0x7f;
  if (short === 126) return head.readUInt16BE(2);
  return short === 127 ? Number(head.readBigUInt64BE(2)) : short;
};

/**
 * Tells of the first data frame whose payload is longer than `limit` bytes: API Gateway limits frames apart from messages, which
 * the protocol library does not.
 */
export const watchFrames = (limit: number, tooLong: () => void): FrameWatch => {
  const head = Buffer.alloc(MAX_HEAD);
  let [filled, skip, told] = [0, 0, false];
  return (bytes) => {
    let at = 0;
    while (at < bytes.length && !told) {
      if (skip > 0) {
        const step = Math.min(skip, bytes.length - at);
        skip -= step;
        at += step;
        continue;
      }
      head[filled++] = bytes[at++] ?? 0;
      if (filled < 2 || filled < headLength(head[1] ?? 0)) continue;
      skip = payloadLength(head);
      filled = 0;
      told = ((head[0] ?? 0) & 0x0f) < 0x8 && skip > limit;
      if (told) tooLong();
    }
  };
};

/** Cuts a message into pieces of at most `limit` bytes, one frame each; an empty one is one empty piece. */
export const cut = (message: Buffer, limit: number): Buffer[] => {
  if (message.length <= limit) return [message];
  const pieces: Buffer[] = [];
  for (let at = 0; at < message.length; at += limit) pieces.push(message.subarray(at, at + limit));
  return pieces;
};
