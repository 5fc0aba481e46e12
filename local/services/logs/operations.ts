import type { Graph } from "../../graph/graph.ts";
import type { Clock } from "../../kit/clock.ts";
import { readEvents, searchEvents } from "./reading.ts";
import { createGroup, type Group, type InputEvent, openStream, removeStream, type Stream } from "./store.ts";
import { groupName, type Subscription } from "./subscriptions.ts";

/** What CloudWatch Logs answers a wrong call with. */
export class LogsError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What operations work on. */
export interface LogsState {
  readonly graph: Graph;
  readonly clock: Clock;
  readonly groups: Map<string, Group>;
  readonly subscriptions: readonly Subscription[];
  put(group: Group, stream: string, events: readonly InputEvent[]): void;
  print(line: string): void;
}

type Input = Readonly<Record<string, unknown>>;
type Operation = (state: LogsState, input: Input) => object;

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const missing = (what: string) =>
  new LogsError("ResourceNotFoundException", `The specified log ${what} does not exist.`);

/** The group a call names, by name or ARN. */
export const groupOf = (state: LogsState, input: Input): Group => {
  const name = groupName(text(input.logGroupName) || text(input.logGroupIdentifier));
  if (!name)
    throw new LogsError(
      "InvalidParameterException",
      "Either logGroupName or logGroupIdentifier is required.",
    );
  const group = state.groups.get(name);
  if (!group) throw missing("group");
  return group;
};

/** The stream a call names. */
export const streamOf = (group: Group, input: Input): Stream => {
  const stream = group.streams.get(text(input.logStreamName));
  if (!stream) throw missing("stream");
  return stream;
};

/** Cuts a page; the token is the name of the last item. */
const page = <Item extends { readonly name: string }>(
  items: readonly Item[],
  input: Input,
  limit: number,
) => {
  const size = Math.min(typeof input.limit === "number" ? input.limit : limit, limit);
  const after = items.findIndex((item) => item.name === input.nextToken) + 1;
  const found = items.slice(after, after + size);
  const more = after + size < items.length ? { nextToken: found.at(-1)?.name } : {};
  return { found, more };
};

const describeGroup = (group: Group) => ({
  logGroupName: group.name,
  arn: `${group.arn}:*`,
  logGroupArn: group.arn,
  creationTime: group.creationTime,
  storedBytes: group.bytes,
  metricFilterCount: 0,
  logGroupClass: "STANDARD",
  ...(group.retentionInDays ? { retentionInDays: group.retentionInDays } : {}),
});

const describeGroups: Operation = (state, input) => {
  const [prefix, part] = [text(input.logGroupNamePrefix), text(input.logGroupNamePattern).toLowerCase()];
  const groups = [...state.groups.values()]
    .filter(({ name }) => name.startsWith(prefix) && name.toLowerCase().includes(part))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { found, more } = page(groups, input, 50);
  return { logGroups: found.map(describeGroup), ...more };
};

const describeStreams: Operation = (state, input) => {
  const group = groupOf(state, input);
  const byTime = input.orderBy === "LastEventTime";
  const streams = [...group.streams.values()]
    .filter(({ name }) => name.startsWith(text(input.logStreamNamePrefix)))
    .sort((a, b) =>
      byTime ? (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0) : a.name < b.name ? -1 : 1,
    );
  if (input.descending === true) streams.reverse();
  const { found, more } = page(streams, input, 50);
  const logStreams = found.map(({ name, ...stream }) => ({
    logStreamName: name,
    ...stream,
    arn: `${group.arn}:log-stream:${name}`,
    storedBytes: 0,
  }));
  return { logStreams, ...more };
};

const describeFilters: Operation = (state, input) => {
  const group = groupOf(state, input);
  const subscriptionFilters = state.subscriptions
    .filter(({ logGroup, name }) => logGroup === group.name && name.startsWith(text(input.filterNamePrefix)))
    .map(({ name, pattern, destinationArn }) => ({
      filterName: name,
      filterPattern: pattern,
      destinationArn,
      logGroupName: group.name,
      distribution: "ByLogStream",
      creationTime: group.creationTime,
    }));
  return { subscriptionFilters };
};

const createLogGroup: Operation = ({ groups, graph, clock }, input) => {
  const name = text(input.logGroupName);
  if (!/^[\w./#-]{1,512}$/.test(name))
    throw new LogsError("InvalidParameterException", `"${name}" is no valid log group name.`);
  if (groups.has(name))
    throw new LogsError("ResourceAlreadyExistsException", "The specified log group already exists");
  const arn = `arn:aws:logs:${graph.region}:${graph.accountId}:log-group:${name}`;
  groups.set(name, createGroup(name, arn, clock.now()));
  return {};
};

const createLogStream: Operation = (state, input) => {
  const group = groupOf(state, input);
  const name = text(input.logStreamName);
  if (!/^[^:*]{1,512}$/.test(name))
    throw new LogsError("InvalidParameterException", `"${name}" is no valid log stream name.`);
  if (group.streams.has(name))
    throw new LogsError("ResourceAlreadyExistsException", "The specified log stream already exists");
  openStream(group, name, state.clock.now());
  return {};
};

const isEvent = (event: unknown): event is InputEvent =>
  typeof event === "object" &&
  event !== null &&
  "timestamp" in event &&
  typeof event.timestamp === "number" &&
  "message" in event &&
  typeof event.message === "string";

const putLogEvents: Operation = (state, input) => {
  const group = groupOf(state, input);
  const stream = streamOf(group, input);
  const events: unknown[] = Array.isArray(input.logEvents) ? input.logEvents : [];
  if (events.length === 0 || !events.every(isEvent))
    throw new LogsError(
      "InvalidParameterException",
      "logEvents must hold events with timestamp and message.",
    );
  const ascending = events.every((event, i) => i === 0 || event.timestamp >= (events[i - 1]?.timestamp ?? 0));
  if (!ascending)
    throw new LogsError(
      "InvalidParameterException",
      "Log events in a single PutLogEvents request must be in chronological order.",
    );
  state.put(group, stream.name, events);
  return { nextSequenceToken: String(state.clock.now()) };
};

/** By the name in `X-Amz-Target`. What is not here is refused by name. */
export const operations: Readonly<Record<string, Operation>> = {
  CreateLogGroup: createLogGroup,
  CreateLogStream: createLogStream,
  DeleteLogGroup(state, input) {
    state.groups.delete(groupOf(state, input).name);
    return {};
  },
  DeleteLogStream(state, input) {
    const group = groupOf(state, input);
    removeStream(group, streamOf(group, input).name);
    return {};
  },
  DescribeLogGroups: describeGroups,
  DescribeLogStreams: describeStreams,
  DescribeSubscriptionFilters: describeFilters,
  PutLogEvents: putLogEvents,
  GetLogEvents(state, input) {
    const group = groupOf(state, input);
    return readEvents(group, streamOf(group, input).name, input, state.clock.now());
  },
  FilterLogEvents: (state, input) => searchEvents(groupOf(state, input), input, state.clock.now()),
};
