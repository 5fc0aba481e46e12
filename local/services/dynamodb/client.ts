import { Agent, request } from "node:http";

/** What the engine answered, byte for byte. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** Any JSON object on the wire. */
export type Json = Readonly<Record<string, unknown>>;

/** A connection to DynamoDB Local. */
export interface Client {
  /** Sends a body as it is. */
  send(target: string, body: string | Buffer): Promise<Answer>;
  /** Calls an operation for the local cloud itself; throws what DynamoDB would. */
  call<T>(operation: string, input: Json): Promise<T>;
  close(): void;
}

/** DynamoDB's error, by its short name. */
export class DynamoError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = code;
    this.code = code;
  }
}

const STREAMS = new Set(["ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"]);

/** The engine reads only the key out of this header; every caller was verified before, and all share one database. */
const AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=local/20200101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0";

/** Keeps connections to the engine open: a new one would cost more than most calls. `where` is its port, now or later. */
export const connect = (where: number | (() => Promise<number>)): Client => {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  const send = async (target: string, body: string | Buffer) => {
    const port = typeof where === "number" ? where : await where();
    return new Promise<Answer>((resolve, reject) => {
      const headers = {
        authorization: AUTHORIZATION,
        "content-type": "application/x-amz-json-1.0",
        "content-length": Buffer.byteLength(body),
        "x-amz-target": target,
      };
      const outgoing = request(
        { agent, host: "127.0.0.1", port, method: "POST", path: "/", headers },
        (r) => {
          const chunks: Buffer[] = [];
          r.on("data", (chunk: Buffer) => chunks.push(chunk));
          r.on("end", () => resolve({ status: r.statusCode ?? 500, body: Buffer.concat(chunks) }));
          r.on("error", reject);
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  };
  return {
    send,
    async call<T>(operation: string, input: Json) {
      const version = STREAMS.has(operation) ? "DynamoDBStreams_20120810" : "DynamoDB_20120810";
      const { status, body } = await send(`${version}.${operation}`, JSON.stringify(input));
      const json = JSON.parse(body.toString("utf8"));
      if (status < 300) return json as T;
      throw new DynamoError(String(json.__type).replace(/^.*#/, ""), json.message ?? json.Message ?? "");
    },
    close: () => agent.destroy(),
  };
};
