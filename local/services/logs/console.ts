import type { View } from "../../kit/cloud.ts";
import { givenNumber, givenText, neededText } from "../../kit/console-input.ts";
import type { LogsState } from "./operations.ts";
import { compilePattern } from "./pattern.ts";
import { type Group, retained, type StoredEvent } from "./store.ts";

/** Lines of a page. */
const PAGE = 200;
/** Lines of one trace. */
const TRACE_LINES = 1_000;

const groupView = (group: Group) => ({
  name: group.name,
  events: group.events.length,
  bytes: group.bytes,
  streams: group.streams.size,
  ...(group.retentionInDays === undefined ? {} : { retentionInDays: group.retentionInDays }),
  ...(group.events.length === 0 ? {} : { latest: group.events.at(-1)?.timestamp }),
});

const lineView = ({ id, timestamp, stream, message, trace }: StoredEvent) => ({
  id,
  timestamp,
  stream,
  message,
  ...(trace === undefined ? {} : { trace }),
});

const LATEST = Number.MAX_SAFE_INTEGER;

/**
 * The newest lines that a pattern lets through, oldest first. `after` is the id of the last line the reader has: only
 * what came since is told. `before` is the id of its first: the page before that.
 */
const lines = (state: LogsState, query: URLSearchParams) => {
  const group = state.groups.get(neededText(query, "group"));
  if (!group) return { lines: [], more: false };
  const matches = compilePattern(givenText(query, "pattern") ?? "");
  const [after, before] = [givenText(query, "after") ?? "", givenText(query, "before")];
  const since = givenNumber(query, "since", 0, LATEST) ?? 0;
  const stream = givenText(query, "stream");
  const events = retained(group, state.clock.now());
  const found: StoredEvent[] = [];
  // from the newest: a page of a long log costs no more than the page
  for (let at = events.length - 1; at >= 0; at--) {
    const event = events[at];
    if (!event || event.id <= after) break;
    if ((before !== undefined && event.id >= before) || event.timestamp < since) continue;
    if ((stream !== undefined && event.stream !== stream) || !matches(event.message)) continue;
    if (found.length === PAGE) return { lines: found.reverse().map(lineView), more: true };
    found.push(event);
  }
  return { lines: found.reverse().map(lineView), more: false };
};

/** What invocations of one trace wrote, in the order it was written, wherever it was. */
const linesOfTrace = (state: LogsState, trace: string) => {
  const found = [...state.groups.values()].flatMap((group) =>
    group.events
      .filter((event) => event.trace === trace)
      .map((event) => ({ ...lineView(event), group: group.name })),
  );
  return { lines: found.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, TRACE_LINES) };
};

/** What the console shows of logs. */
export const logsViews = (state: LogsState): Readonly<Record<string, View>> => ({
  groups: () => ({ groups: [...state.groups.values()].map(groupView) }),
  lines: (query) => lines(state, query),
  trace: (query) => linesOfTrace(state, neededText(query, "id")),
});
