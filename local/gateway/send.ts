import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { AwsResponse } from "../kit/cloud.ts";

/** How long a client may leave a streamed answer unread, ms. */
const UNREAD_MS = 60_000;
/** How long a body that nobody wants is read off, so that the client comes to read its answer, ms. */
const LINGER_MS = 2_000;

const stream = async (response: ServerResponse, body: Readable) => {
  response.setTimeout(UNREAD_MS, () => response.destroy());
  await pipeline(body, response);
  response.setTimeout(0);
};

/** Resolves when the rest of a body has come, or no more of it should be waited for. */
const drained = (raw: IncomingMessage) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LINGER_MS);
    raw
      .once("close", resolve)
      .once("end", resolve)
      .once("error", () => resolve())
      .resume();
    raw.once("close", () => clearTimeout(timer));
  });

/** How a call is answered: `asked` tells whether a client that waits for `100 Continue` was told to go on. */
export interface SendOptions {
  readonly requestId: string;
  readonly now: number;
  readonly asked: boolean;
}

/** Writes an answer. One that leaves part of the request unread ends the connection. */
export const send = async (
  response: ServerResponse,
  answer: AwsResponse,
  { requestId, now, asked }: SendOptions,
): Promise<void> => {
  const { body = "", status } = answer;
  if (answer.drop) {
    if (body instanceof Readable) body.destroy();
    response.destroy();
    return;
  }
  const whole = response.req.complete;
  const headers = {
    // the SDK corrects its own clock by this header, so it must tell the cloud's time
    date: new Date(now).toUTCString(),
    ...(answer.headers?.["x-amz-request-id"] === undefined && { "x-amzn-requestid": requestId }),
    ...answer.headers,
    // what follows an unread body on the connection is no request
    ...(whole ? {} : { connection: "close" }),
  };
  if (body instanceof Readable) {
    response.writeHead(status, headers);
    return stream(response, body);
  }
  // a service states the length itself only where the body is not sent: HEAD
  response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
  if (!whole && asked) {
    response.write(body);
    await drained(response.req); // closing at once would reset the connection, and the answer be lost
  }
  response.end(whole || !asked ? body : undefined);
};
