import { type ClientOptions, WebSocket } from "ws";

/** A real client, and what it was sent: read in order, waited for when it has not come yet. */
export interface Client {
  readonly socket: WebSocket;
  /** The next message, as text. Fails when the connection closes first. */
  next(): Promise<string>;
  /** The next message, read as JSON. */
  nextJson(): Promise<Record<string, unknown>>;
  say(message: unknown): void;
  readonly closed: Promise<{ code: number; reason: string }>;
}

/** Opens a connection; rejects when the handshake is refused. */
export const connect = async (
  url: string,
  options: ClientOptions = {},
  protocols: string[] = [],
): Promise<Client> => {
  const socket = new WebSocket(url, protocols, options);
  const messages: string[] = [];
  const readers: ((message: string) => void)[] = [];
  socket.on("message", (data: Buffer) => {
    const reader = readers.shift();
    if (reader) reader(data.toString("utf8"));
    else messages.push(data.toString("utf8"));
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString("utf8") }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => {});
  const next = async () => {
    const first = messages.shift();
    if (first !== undefined) return first;
    const message = new Promise<string>((resolve) => readers.push(resolve));
    const end = closed.then(({ code }) => {
      throw new Error(`closed with ${code} before a message came`);
    });
    return Promise.race([message, end]);
  };
  return {
    socket,
    next,
    nextJson: async () => JSON.parse(await next()),
    say: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    closed,
  };
};

/** Knocks where it is not let in: status and body of the refusal. */
export const refused = (
  url: string,
  options: ClientOptions = {},
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    socket.on("error", () => {});
    socket.on("open", () => reject(new Error("was let in")));
    socket.on("unexpected-response", async (_, response) => {
      let body = "";
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode ?? 0, body, headers: response.headers });
    });
  });
