import { forgetLinkCache } from "../../core/shortener/link-cache.ts";
import { call, type TestReply, type TestRequest } from "./http.ts";
import { newUrl, newUser, startShortener } from "./shortener.ts";

const NAMES = ["shorten", "redirect", "unlock", "get", "edit", "remove", "list", "stats", "qr"] as const;
type Name = (typeof NAMES)[number];

/** The shortener's handlers, called as API Gateway calls them, over a real table. */
export const startClient = async () => {
  const world = await startShortener();
  const handlers = new Map<Name, unknown>();
  for (const name of NAMES) {
    handlers.set(name, (await import(`../../functions/shortener/${name}.ts`)).handler);
  }
  const ask = (name: Name, request: TestRequest): Promise<TestReply> => call(handlers.get(name), request);
  return {
    ...world,
    ask,
    make: (body: Record<string, unknown>, user = newUser()) =>
      ask("shorten", { method: "POST", body: { url: newUrl(), ...body }, user }),
    visit: (hash: unknown, request: TestRequest = {}) =>
      ask("redirect", { params: { hash: encodeURIComponent(String(hash)) }, ...request }),
    /** Settings and cache as a new environment has them. */
    fresh: () => {
      process.env.CODE_STRATEGY = "hash";
      process.env.SHORT_DOMAINS = "";
      forgetLinkCache();
    },
  };
};

/** Kind of the problem a reply is. */
export const kindOf = (reply: TestReply): string => String(reply.json.type).split("#")[1] ?? "";
