import { compilePattern } from "./pattern.ts";
import { type Group, retained, type StoredEvent } from "./store.ts";

type Input = Readonly<Record<string, unknown>>;

const MAX_PAGE = 10_000;

const limitOf = (input: Input) =>
  Math.min(typeof input.limit === "number" ? input.limit : MAX_PAGE, MAX_PAGE);

/** `startTime` is within the range, `endTime` is not. */
const inRange = (input: Input) => {
  const from = typeof input.startTime === "number" ? input.startTime : Number.NEGATIVE_INFINITY;
  const to = typeof input.endTime === "number" ? input.endTime : Number.POSITIVE_INFINITY;
  return ({ timestamp }: StoredEvent) => timestamp >= from && timestamp < to;
};

/** `GetLogEvents`: one stream, read from either end. A token names the event it continues from. */
export const readEvents = (group: Group, stream: string, input: Input, nowMs: number): object => {
  const within = inRange(input);
  const all = retained(group, nowMs).filter((event) => event.stream === stream && within(event));
  const limit = limitOf(input);
  const [direction, id] = typeof input.nextToken === "string" ? input.nextToken.split("/", 2) : [];
  // A token's event may have been dropped meanwhile; ids ascend, so its place is still known.
  const place = id === undefined ? undefined : all.findIndex((event) => event.id >= id);
  const at = place === -1 ? all.length : place;
  let [from, to] = input.startFromHead === true ? [0, limit] : [Math.max(0, all.length - limit), all.length];
  if (at !== undefined && direction === "f") {
    from = all[at]?.id === id ? at + 1 : at;
    to = from + limit;
  }
  if (at !== undefined && direction === "b") [from, to] = [Math.max(0, at - limit), at];
  const events = all.slice(from, to);
  return {
    events: events.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    // An empty page keeps its token, so that a reader may poll with it.
    nextForwardToken: `f/${events.at(-1)?.id ?? id ?? ""}`,
    nextBackwardToken: `b/${events[0]?.id ?? id ?? ""}`,
  };
};

/** `FilterLogEvents`: all streams of a group, or some, through a filter pattern. */
export const searchEvents = (group: Group, input: Input, nowMs: number): object => {
  const matches = compilePattern(typeof input.filterPattern === "string" ? input.filterPattern : "");
  const names = Array.isArray(input.logStreamNames) ? new Set<unknown>(input.logStreamNames) : undefined;
  const prefix = typeof input.logStreamNamePrefix === "string" ? input.logStreamNamePrefix : "";
  const within = inRange(input);
  const after = typeof input.nextToken === "string" ? input.nextToken : "";
  const limit = limitOf(input);
  const found = retained(group, nowMs).filter(
    (event) =>
      event.id > after &&
      within(event) &&
      (names ? names.has(event.stream) : event.stream.startsWith(prefix)) &&
      matches(event.message),
  );
  const events = found.slice(0, limit).map(({ id, stream, timestamp, message, ingestionTime }) => ({
    eventId: id,
    logStreamName: stream,
    timestamp,
    message,
    ingestionTime,
  }));
  const more = found.length > limit ? { nextToken: events.at(-1)?.eventId } : {};
  return { events, searchedLogStreams: [], ...more };
};
