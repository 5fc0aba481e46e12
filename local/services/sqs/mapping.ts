import { functionByArn, type Resource } from "../../graph/graph.ts";
import type { Cloud, Invocation } from "../../kit/cloud.ts";
import { available, type Engine } from "./engine.ts";
import { compileFilters, type RecordFilter } from "./filter.ts";
import { acknowledge, receive } from "./receive.ts";
import { failuresOf, recordOf, type SqsRecord } from "./record.ts";
import type { Message, Queue } from "./state.ts";

/** An event source mapping from a queue to a function. */
export interface Mapping {
  readonly queue: Queue;
  readonly functionArn: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly maxConcurrency: number;
  /** The function answers with ReportBatchItemFailures. */
  readonly partial: boolean;
  readonly filter?: RecordFilter;
}

/** Lambda starts with five pollers; without `scalingConfig` one machine stays there, where AWS would go on to 1,250. */
const DEFAULT_CONCURRENCY = 5;
/** Bytes of one invocation's payload, less its envelope. */
const PAYLOAD_BYTES = 6 * 1024 * 1024 - 1024;

/** Reads an `aws:lambda/eventSourceMapping:EventSourceMapping` of a queue. */
export const mappingOf = (cloud: Cloud, queue: Queue, resource: Resource): Mapping => {
  const { inputs } = resource;
  const named = String(inputs.functionName ?? inputs.functionArn);
  const target =
    functionByArn(cloud.graph, named) ?? cloud.graph.functions.find((known) => known.name === named);
  const scaling = inputs.scalingConfig as { maximumConcurrency?: number } | undefined;
  const filter = compileFilters(inputs.filterCriteria);
  return {
    queue,
    functionArn: target?.arn ?? named,
    batchSize: Number(inputs.batchSize ?? 10),
    windowMs: queue.settings.fifo ? 0 : Number(inputs.maximumBatchingWindowInSeconds ?? 0) * 1000,
    maxConcurrency: Number(scaling?.maximumConcurrency ?? DEFAULT_CONCURRENCY),
    partial: JSON.stringify(inputs.functionResponseTypes ?? []).includes("ReportBatchItemFailures"),
    ...(filter ? { filter } : {}),
  };
};

interface Held {
  readonly message: Message;
  readonly record: SqsRecord;
}

/** Feeds a function from its queue: woken by messages, never polling. Returns a stop. */
export const startMapping = (cloud: Cloud, engine: Engine, mapping: Mapping): (() => void) => {
  const { queue } = mapping;
  const state = { running: 0, limit: mapping.maxConcurrency, stopped: false, scheduled: false };
  let gathered: Held[] = [];
  let closeWindow: (() => void) | undefined;

  const take = (max: number): Held[] => {
    const kept: Held[] = [];
    for (const message of receive(engine, queue, { max })) {
      const record = recordOf(queue, message);
      if (!mapping.filter || mapping.filter(record)) kept.push({ message, record });
      // What no filter wants is consumed: it would only come back.
      else acknowledge(engine, queue, record.receiptHandle);
    }
    return kept;
  };
  const dispatch = () => {
    closeWindow?.();
    closeWindow = undefined;
    const batch = gathered;
    gathered = [];
    state.running++;
    void consume(cloud, engine, mapping, batch)
      .then((ok) => {
        // Failing functions are fed more slowly, as Lambda does, and recover one by one.
        state.limit = ok
          ? Math.min(mapping.maxConcurrency, state.limit + 1)
          : Math.max(1, Math.floor(state.limit / 2));
      })
      .finally(() => {
        state.running--;
        schedule();
      });
  };
  const pump = () => {
    state.scheduled = false;
    while (!state.stopped && state.running < state.limit && available(queue)) {
      const room = mapping.batchSize - gathered.length;
      // One receive brings ten at most; a window collects several receives.
      gathered.push(...take(mapping.windowMs > 0 ? room : Math.min(room, 10)));
      if (gathered.length === 0) continue;
      if (mapping.windowMs === 0 || gathered.length >= mapping.batchSize) dispatch();
      else closeWindow ??= cloud.clock.after(mapping.windowMs, dispatch);
    }
  };
  const schedule = () => {
    if (state.scheduled || state.stopped) return;
    state.scheduled = true;
    // After the current turn, so that the messages of one batch request arrive as one batch.
    queueMicrotask(pump);
  };
  queue.listeners.add(schedule);
  schedule();
  return () => {
    state.stopped = true;
    closeWindow?.();
    queue.listeners.delete(schedule);
  };
};

// A batch larger than one payload goes as several invocations, in order. A FIFO batch stops at its first failure.
const consume = async (
  cloud: Cloud,
  engine: Engine,
  mapping: Mapping,
  batch: readonly Held[],
): Promise<boolean> => {
  let ok = true;
  for (const part of parts(batch)) {
    ok = (await invoke(cloud, engine, mapping, part)) && ok;
    if (!ok && mapping.queue.settings.fifo) break;
  }
  return ok;
};

const parts = (batch: readonly Held[]): Held[][] => {
  const all: Held[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const held of batch) {
    const size = Buffer.byteLength(JSON.stringify(held.record));
    if (bytes + size > PAYLOAD_BYTES) {
      all.push([]);
      bytes = 0;
    }
    all.at(-1)?.push(held);
    bytes += size;
  }
  return all;
};

const invoke = async (
  cloud: Cloud,
  engine: Engine,
  mapping: Mapping,
  part: readonly Held[],
): Promise<boolean> => {
  const { queue } = mapping;
  const result = await untilAccepted(cloud, mapping, part);
  // Undone messages stay hidden until their visibility timeout, as in AWS: that is the retry.
  if (!result || result.error || result.throttled) return false;
  const ids = new Set(part.map(({ message }) => message.id));
  const failed = mapping.partial ? failuresOf(result.payload, ids) : new Set<string>();
  for (const { message, record } of part) {
    if (failed.has(message.id)) continue;
    try {
      acknowledge(engine, queue, record.receiptHandle);
    } catch {
      // The visibility timeout ran out while the function worked: the message comes again.
    }
  }
  return failed.size === 0;
};

// A throttled batch is offered again, with backoff, for as long as its messages are hidden from others.
const untilAccepted = async (
  cloud: Cloud,
  mapping: Mapping,
  part: readonly Held[],
): Promise<Invocation | undefined> => {
  const deadline = Math.min(...part.map(({ message }) => message.visibleAt));
  const trace = part[0]?.message.trace;
  const event = { Records: part.map(({ record }) => record) };
  for (let attempt = 0; ; attempt++) {
    const result = await cloud.lambda
      .invoke(mapping.functionArn, event, { from: mapping.queue.arn, ...(trace ? { trace } : {}) })
      .catch(() => undefined);
    const wait = Math.min(1000 * 2 ** attempt, 30_000) * (0.5 + Math.random() / 2);
    if (!result?.throttled || cloud.clock.now() + wait >= deadline) return result;
    await new Promise<void>((resolve) => cloud.clock.after(wait, resolve));
  }
};
