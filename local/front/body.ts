import type { IncomingMessage } from "node:http";

/** API Gateway's payload limit, and so the most the front door keeps of a request. */
export const MAX_BODY_BYTES = 10_485_760;

const EMPTY = Buffer.alloc(0);

/** A request's body; `oversized` when it passed the limit; undefined when the client went away. */
export type Body = { readonly body: Buffer; readonly oversized?: true } | undefined;

/** Reads a body of at most `MAX_BODY_BYTES`; what comes after the limit is not kept. */
export const readBody = (request: IncomingMessage): Promise<Body> => {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (encoding === undefined && (length === undefined || length === "0"))
    return Promise.resolve({ body: EMPTY });
  if (Number(length) > MAX_BODY_BYTES) return Promise.resolve({ body: EMPTY, oversized: true });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        request.pause();
        resolve({ body: EMPTY, oversized: true });
      } else chunks.push(chunk);
    });
    request.on("end", () =>
      resolve({ body: chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks) }),
    );
    request.on("error", () => resolve(undefined));
    request.on("close", () => resolve(undefined));
  });
};
