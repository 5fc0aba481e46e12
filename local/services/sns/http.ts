import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { BlockList, isIP } from "node:net";

/** How an HTTP endpoint took a message. */
export type Outcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly retry: boolean; readonly reason: string };

const here = new BlockList();
here.addSubnet("127.0.0.0", 8, "ipv4");
here.addAddress("::1", "ipv6");

/**
 * Whether a URL is on this machine: the only place that is ever called. A name counts only if it is `localhost`, which is
 * never looked up, so that no answer of a name server leads elsewhere.
 */
export const isHere = (url: string): boolean => {
  if (!URL.canParse(url)) return false;
  const { hostname, protocol } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") return false;
  const host = hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  if (family === 0) return host === "localhost" || host.endsWith(".localhost");
  return here.check(host, family === 6 ? "ipv6" : "ipv4");
};

/** AWS waits for 15 seconds. */
const TIMEOUT_MS = 15_000;
const SOCKETS = 16;

/** Calls HTTP endpoints on this machine; redirects are not followed. */
export interface Caller {
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Outcome>;
  close(): void;
}

// A certificate of this machine's own is as good as a name that never leaves it.
const agents = () => ({
  http: new HttpAgent({ keepAlive: true, maxSockets: SOCKETS }),
  https: new HttpsAgent({ keepAlive: true, maxSockets: SOCKETS, rejectUnauthorized: false }),
});

// Server errors and throttling pass; any other refusal stands.
const judge = (status: number): Outcome => {
  if (status >= 200 && status < 300) return { ok: true };
  return { ok: false, retry: status === 429 || status >= 500, reason: `HTTP ${status}` };
};

/** Makes a caller. */
export const createCaller = (): Caller => {
  const { http, https } = agents();
  const send = (url: string, headers: Readonly<Record<string, string>>, body: string) =>
    new Promise<Outcome>((resolve) => {
      const target = new URL(url);
      const secure = target.protocol === "https:";
      const { username, password } = target;
      const options = {
        method: "POST",
        agent: secure ? https : http,
        headers: {
          ...headers,
          "content-length": Buffer.byteLength(body),
          "user-agent": "Amazon Simple Notification Service Agent",
          "accept-encoding": "gzip,deflate",
        },
        ...(username ? { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` } : {}),
        // `x.localhost` is this machine by RFC 6761, whatever the resolver says of it.
        ...(target.hostname.endsWith(".localhost") ? { hostname: "localhost" } : {}),
      };
      const sent = (secure ? httpsRequest : httpRequest)(target, options, (response) => {
        response.resume();
        response.on("error", () => {});
        resolve(judge(response.statusCode ?? 500));
      });
      sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error("No answer within 15 seconds")));
      sent.on("error", (error) => resolve({ ok: false, retry: true, reason: error.message }));
      sent.end(body);
    });
  // A password that cannot be decoded, or a content type with a line break, is the subscriber's mistake for ever.
  const post: Caller["post"] = (url, headers, body) =>
    send(url, headers, body).catch((error: unknown) => ({ ok: false, retry: false, reason: String(error) }));
  return {
    post,
    close() {
      http.destroy();
      https.destroy();
    },
  };
};
