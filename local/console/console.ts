import type { IncomingMessage, ServerResponse } from "node:http";
import type { Graph } from "../graph/graph.ts";
import type { Recorder } from "../kit/recorder.ts";
import { layout, type PlacedMap } from "./layout.ts";
import { topology } from "./topology.ts";

/** A person the demo data knows, offered in the sign-in switcher. Local only: these passwords are public. */
export interface DemoUser {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void> | void;

const json = (response: ServerResponse, body: unknown) => {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
};

/** Spans as server-sent events, each as it ends; a comment every 15 s keeps proxies from closing the stream. */
const stream = (recorder: Recorder, request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write(": open\n\n");
  const unsubscribe = recorder.subscribe((span) => {
    // A reader that cannot keep up skips spans rather than filling memory.
    if (response.writableLength > 1_000_000) return;
    response.write(`data: ${JSON.stringify({ type: "span", span })}\n\n`);
  });
  const beat = setInterval(() => response.write(": beat\n\n"), 15_000);
  request.on("close", () => {
    clearInterval(beat);
    unsubscribe();
  });
};

/** Serves what the web app shows of the local cloud, under `/_local/`. Returns whether the request was its own. */
export const createConsole = (graph: Graph, recorder: Recorder, users: readonly DemoUser[]) => {
  let placed: Promise<PlacedMap> | undefined;
  const handlers: Record<string, Handler> = {
    "/_local/map": async (_, response) => {
      placed ??= layout(topology(graph));
      json(response, await placed);
    },
    "/_local/spans": (_, response, url) => {
      const since = Number(url.searchParams.get("since") ?? 0);
      json(response, { spans: recorder.recent().filter((span) => span.start >= since) });
    },
    "/_local/events": (request, response) => stream(recorder, request, response),
    "/_local/demo-users": (_, response) => json(response, users),
  };
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    // Undefined for what is no URL at all, such as `//`: that is for the front door to answer.
    const url = URL.parse(request.url ?? "/", "http://localhost");
    const handler =
      url && request.method === "GET" && Object.hasOwn(handlers, url.pathname)
        ? handlers[url.pathname]
        : undefined;
    if (!url || !handler) return false;
    Promise.resolve(handler(request, response, url)).catch((error: unknown) =>
      response.destroy(error as Error),
    );
    return true;
  };
};
