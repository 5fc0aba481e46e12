import { randomInt } from "node:crypto";
import type { Clock } from "../../kit/clock.ts";

/** An event as it was given. */
export interface InputEvent {
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly message: string;
  /** Trace of the invocation that wrote it. */
  readonly trace?: string;
}

/** An event as it is kept. */
export interface StoredEvent extends InputEvent {
  /** 56 digits, ascending in the order of arrival. */
  readonly id: string;
  readonly stream: string;
  readonly ingestionTime: number;
}

/** One log stream. */
export interface Stream {
  readonly name: string;
  readonly creationTime: number;
  firstEventTimestamp?: number;
  lastEventTimestamp?: number;
  lastIngestionTime?: number;
}

/** One log group: its newest events only. */
export interface Group {
  readonly name: string;
  readonly arn: string;
  readonly creationTime: number;
  readonly retentionInDays?: number;
  /** By name, oldest first. */
  readonly streams: Map<string, Stream>;
  events: StoredEvent[];
  bytes: number;
}

// A group holds what a person looks back at, not a history: the host's memory must not grow with its uptime.
const MAX_EVENTS = 10_000;
const MAX_BYTES = 8 * 2 ** 20;
const MAX_STREAMS = 500;
/** What AWS adds to each event's size. */
const OVERHEAD_BYTES = 26;

/** Hands out event ids: time, then a part of this process, then a count. */
export const eventIds = (clock: Clock): (() => string) => {
  const process = String(randomInt(10 ** 12)).padStart(12, "0");
  let count = 0;
  let latest = 0;
  return () => {
    latest = Math.max(latest, clock.now());
    return `3${String(latest).padStart(13, "0")}${process}${String(count++).padStart(30, "0")}`;
  };
};

/** An empty group. */
export const createGroup = (
  name: string,
  arn: string,
  creationTime: number,
  retentionInDays?: number,
): Group => ({
  name,
  arn,
  creationTime,
  streams: new Map(),
  events: [],
  bytes: 0,
  ...(retentionInDays ? { retentionInDays } : {}),
});

/** The stream of that name, made when there is none. */
export const openStream = (group: Group, name: string, nowMs: number): Stream => {
  const known = group.streams.get(name);
  if (known) return known;
  const stream: Stream = { name, creationTime: nowMs };
  group.streams.set(name, stream);
  const [oldest] = group.streams.keys();
  if (oldest !== undefined && group.streams.size > MAX_STREAMS) removeStream(group, oldest);
  return stream;
};

/** Removes a stream and its events. */
export const removeStream = (group: Group, name: string): void => {
  group.streams.delete(name);
  group.events = group.events.filter((event) => event.stream !== name);
  group.bytes = group.events.reduce((sum, event) => sum + sizeOf(event), 0);
};

/** Characters, not UTF-8 bytes: a bound on memory, and cheap for every line of every function. */
const sizeOf = (event: InputEvent) => event.message.length + OVERHEAD_BYTES;

const trim = (group: Group) => {
  if (group.events.length <= MAX_EVENTS * 1.25 && group.bytes <= MAX_BYTES * 1.25) return;
  let drop = Math.max(0, group.events.length - MAX_EVENTS);
  let bytes = group.events.slice(drop).reduce((sum, event) => sum + sizeOf(event), 0);
  for (; bytes > MAX_BYTES && drop < group.events.length; drop++) {
    const event = group.events[drop];
    bytes -= event ? sizeOf(event) : 0;
  }
  group.events.splice(0, drop);
  group.bytes = bytes;
};

/** Appends events to a stream and returns them as kept. */
export const appendEvents = (
  group: Group,
  streamName: string,
  events: readonly InputEvent[],
  nextId: () => string,
  nowMs: number,
): StoredEvent[] => {
  const stream = openStream(group, streamName, nowMs);
  const stored = events.map(({ timestamp, message, trace }) => ({
    id: nextId(),
    stream: streamName,
    ingestionTime: nowMs,
    timestamp,
    message,
    ...(trace === undefined ? {} : { trace }),
  }));
  for (const event of stored) {
    group.events.push(event);
    group.bytes += sizeOf(event);
    stream.firstEventTimestamp = Math.min(stream.firstEventTimestamp ?? event.timestamp, event.timestamp);
    stream.lastEventTimestamp = Math.max(stream.lastEventTimestamp ?? event.timestamp, event.timestamp);
  }
  stream.lastIngestionTime = nowMs;
  trim(group);
  return stored;
};

/** Events that are still within the group's retention. */
export const retained = (group: Group, nowMs: number): readonly StoredEvent[] => {
  if (!group.retentionInDays) return group.events;
  const oldest = nowMs - group.retentionInDays * 86_400_000;
  return group.events.filter((event) => event.timestamp >= oldest);
};
