import * as v from "valibot";
import { type Failure, noAnswer, toFailure } from "../api/failure.ts";
import { Span } from "./span.ts";

const Point = v.object({ x: v.number(), y: v.number() });

const MapNode = v.object({
  id: v.string(),
  type: v.string(),
  label: v.string(),
  group: v.string(),
  file: v.optional(v.string()),
  settings: v.record(v.string(), v.unknown()),
  x: v.number(),
  y: v.number(),
  width: v.number(),
  height: v.number(),
});
/** A resource and its place. */
export type MapNode = v.InferOutput<typeof MapNode>;

const MapEdge = v.object({
  id: v.string(),
  from: v.string(),
  to: v.string(),
  label: v.optional(v.string()),
  points: v.array(Point),
});
/** Who calls or feeds whom, and the way the line takes. */
export type MapEdge = v.InferOutput<typeof MapEdge>;

const SystemMap = v.object({
  nodes: v.array(MapNode),
  edges: v.array(MapEdge),
  width: v.number(),
  height: v.number(),
});
/** The graph as it was laid out by the local cloud. */
export type SystemMap = v.InferOutput<typeof SystemMap>;

const Spans = v.union([
  v.array(Span),
  v.pipe(
    v.object({ spans: v.array(Span) }),
    v.transform((it) => it.spans),
  ),
]);
const Event = v.object({ type: v.literal("span"), span: Span });

type Answer =
  | { readonly ok: true; readonly data: SystemMap | "absent" }
  | { readonly ok: false; readonly failure: Failure };

/** The map; `absent` where nothing local serves it, which on AWS is the rule. */
export const loadMap = async (signal: AbortSignal): Promise<Answer> => {
  try {
    const response = await fetch(`${import.meta.env.VITE_LOCAL_CLOUD}/map`, {
      signal,
      headers: { accept: "application/json" },
    });
    const json = response.headers.get("content-type")?.includes("json") ?? false;
    if (!json || response.status === 404 || response.status === 403) return { ok: true, data: "absent" };
    if (!response.ok) return { ok: false, failure: toFailure(response.status, await response.json()) };
    const map = v.safeParse(SystemMap, await response.json());
    if (map.success) return { ok: true, data: map.output };
    return { ok: false, failure: toFailure(response.status, undefined) };
  } catch (error) {
    return { ok: false, failure: noAnswer(error) };
  }
};

/** What happened since `sinceMs`; nothing when it cannot be had: the live events go on. */
export const loadSpans = async (sinceMs: number, signal: AbortSignal): Promise<readonly Span[]> => {
  try {
    const response = await fetch(`${import.meta.env.VITE_LOCAL_CLOUD}/spans?since=${sinceMs}`, { signal });
    const spans = v.safeParse(Spans, await response.json());
    return spans.success ? spans.output : [];
  } catch {
    return [];
  }
};

/** Follows live spans until told to stop. The browser connects again by itself. */
export const followSpans = (
  onSpan: (span: Span) => void,
  onState: (state: "live" | "lost") => void,
): (() => void) => {
  const source = new EventSource(`${import.meta.env.VITE_LOCAL_CLOUD}/events`);
  const take = (message: MessageEvent<string>) => {
    const event = v.safeParse(Event, parseJson(message.data));
    if (event.success) onSpan(event.output.span);
  };
  source.addEventListener("message", take);
  source.addEventListener("span", take);
  source.addEventListener("open", () => onState("live"));
  source.addEventListener("error", () => onState("lost"));
  return () => source.close();
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const kinds: readonly (readonly [test: RegExp, kind: string])[] = [
  [/lambda|function/i, "function"],
  [/dynamo/i, "table"],
  [/sqs|queue/i, "queue"],
  [/sns|topic/i, "topic"],
  [/cloudwatch\/eventbus|bus/i, "bus"],
  [/scheduler|cron|eventrule/i, "schedule"],
  [/cognito|userpool|^users$/i, "user pool"],
  [/s3|bucket/i, "bucket"],
  [/cloudfront|router|cdn/i, "edge"],
  [/staticsite|web/i, "web app"],
  [/apigateway|^api$/i, "API"],
];

/** What a resource is, in a word, from its Pulumi or SST type. */
export const kindOf = (type: string): string =>
  kinds.find(([test]) => test.test(type))?.[1] ?? (type.split(":").at(-1) || type);
