import type { IncomingMessage, ServerResponse } from "node:http";
import type { Graph } from "../graph/graph.ts";
import type { Recorder } from "../kit/recorder.ts";
import { ViewDocument } from "../kit/view-document.ts";
import { checkOrigin, json, problem, Refusal, readInput, sendDocument } from "./http.ts";
import { layout, type PlacedMap } from "./layout.ts";
import { actionAt, type ConsolePart, indexOf, refusalOf, uploadAt, viewAt } from "./parts.ts";
import { topology } from "./topology.ts";
import { createTraceStore } from "./trace-store.ts";
import { tracesPart } from "./traces.ts";

/** A person the demo data knows, offered in the sign-in switcher. Local only: these passwords are public. */
export interface DemoUser {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** How programs on this machine reach the AWS endpoint. The keys open nothing else. */
export interface AwsAccess {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What the console shows. */
export interface ConsoleOptions {
  readonly graph: Graph;
  readonly recorder: Recorder;
  readonly users: readonly DemoUser[];
  /** Where and with which keys the AWS CLI reaches this cloud: for commands that are ready to paste. */
  readonly aws?: AwsAccess;
  /** Services, and parts that are none (`{ name: "faults", views: { "": … } }`). */
  readonly parts?: readonly ConsolePart[];
  readonly print?: (line: string) => void;
}

/** The running console. */
export interface Console {
  /** Answers a request under `/_local/`; false leaves it to the front door. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  stop(): void;
}

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
  beat.unref();
  request.on("close", () => {
    clearInterval(beat);
    unsubscribe();
  });
};

/** What is neither a service's nor an extra's: the graph, its spans and its people. */
const ownPart = ({ graph, recorder, users, aws }: ConsoleOptions, parts: () => readonly ConsolePart[]) => {
  let placed: Promise<PlacedMap> | undefined;
  const place = () => {
    placed ??= layout(topology(graph));
    return placed;
  };
  const { app, stage, region } = graph;
  const since = (query: URLSearchParams) => Number(query.get("since") ?? 0);
  return [
    { name: "", views: { "": () => ({ app, stage, region, ...(aws && { aws }), parts: indexOf(parts()) }) } },
    { name: "map", views: { "": place } },
    { name: "demo-users", views: { "": () => users } },
    {
      name: "spans",
      views: {
        "": (query: URLSearchParams) => ({
          spans: recorder.recent().filter((span) => span.start >= since(query)),
        }),
      },
    },
  ] satisfies ConsolePart[];
};

const answer = async (
  request: IncomingMessage,
  url: URL,
  parts: readonly ConsolePart[],
): Promise<{ readonly value: unknown } | undefined> => {
  const { method } = request;
  const [view, action] = [viewAt(parts, url.pathname), actionAt(parts, url.pathname)];
  const upload = uploadAt(parts, url.pathname);
  if (!view && !action && !upload) return undefined;
  checkOrigin(request);
  if (method === "GET" && view) return { value: await view(url.searchParams) };
  if (method === "POST" && action) return { value: await action(await readInput(request)) };
  if (method === "PUT" && upload) {
    const { "content-type": type = "application/octet-stream", "content-length": length } = request.headers;
    return { value: await upload(url.searchParams, request, { type, length }) };
  }
  throw new Refusal(405, `${url.pathname} takes ${view ? "GET" : action ? "POST" : "PUT"}.`);
};

/** Serves what the web app shows of the local cloud, under `/_local/`. */
export const createConsole = (options: ConsoleOptions): Console => {
  const store = createTraceStore(options.recorder);
  const labels = new Map(topology(options.graph).nodes.map(({ id, label, type }) => [id, { label, type }]));
  const shown: readonly ConsolePart[] = [...(options.parts ?? []), tracesPart(store, labels)];
  const parts: readonly ConsolePart[] = [...ownPart(options, () => shown), ...shown];
  const print = options.print ?? (() => {});
  const reply = async (request: IncomingMessage, response: ServerResponse, url: URL) => {
    try {
      const found = await answer(request, url, parts);
      if (found?.value instanceof ViewDocument) sendDocument(response, found.value);
      else if (found) json(response, found.value);
      else problem(response, 404, `The console has nothing at ${url.pathname}.`);
    } catch (error) {
      const { status, message } = refusalOf(error);
      if (status >= 500) print(`✗ console: ${url.pathname}: ${error instanceof Error ? error.stack : error}`);
      problem(response, status, message);
    }
  };
  return {
    handle(request, response) {
      // Undefined for what is no URL at all, such as `//`: that is for the front door to answer.
      const url = URL.parse(request.url ?? "/", "http://localhost");
      if (!url?.pathname.startsWith("/_local/")) return false;
      if (url.pathname === "/_local/events" && request.method === "GET") {
        try {
          checkOrigin(request);
          stream(options.recorder, request, response);
        } catch (error) {
          const { status, message } = refusalOf(error);
          problem(response, status, message);
        }
        return true;
      }
      void reply(request, response, url);
      return true;
    },
    stop: store.stop,
  };
};
