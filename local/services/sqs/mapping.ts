import { functionByArn, type Resource } from "../../graph/graph.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { consume, type Held, type Mapping } from "./batch.ts";
import { available, type Engine } from "./engine.ts";
import { compileFilters } from "./filter.ts";
import { acknowledge, atInFlightLimit, receive } from "./receive.ts";
import { recordOf } from "./record.ts";
import type { Queue } from "./state.ts";

/** Lambda starts with five pollers; without `scalingConfig` one machine stays there, where AWS would go on to 1,250. */
const DEFAULT_CONCURRENCY = 5;

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

interface Feeder {
  readonly cloud: Cloud;
  readonly engine: Engine;
  readonly mapping: Mapping;
  running: number;
  /** Batches that may run at once now: the maximum, less after failures. */
  limit: number;
  stopped: boolean;
  scheduled: boolean;
  /** Received for the next batch; grows while a batch window is open. */
  gathered: Held[];
  closeWindow?: () => void;
}

/** Feeds a function from its queue: woken by messages, never polling. Returns a stop. */
export const startMapping = (cloud: Cloud, engine: Engine, mapping: Mapping): (() => void) => {
  const feeder: Feeder = {
    cloud,
    engine,
    mapping,
    running: 0,
    limit: mapping.maxConcurrency,
    stopped: false,
    scheduled: false,
    gathered: [],
  };
  const listener = () => schedule(feeder);
  mapping.queue.listeners.add(listener);
  listener();
  return () => {
    feeder.stopped = true;
    feeder.closeWindow?.();
    mapping.queue.listeners.delete(listener);
  };
};

// After the current turn, so that the messages of one batch request arrive as one batch.
const schedule = (feeder: Feeder): void => {
  if (feeder.scheduled || feeder.stopped) return;
  feeder.scheduled = true;
  queueMicrotask(() => pump(feeder));
};

const pump = (feeder: Feeder): void => {
  const { mapping } = feeder;
  feeder.scheduled = false;
  while (!feeder.stopped && feeder.running < feeder.limit && available(mapping.queue)) {
    const room = mapping.batchSize - feeder.gathered.length;
    // One receive brings ten at most; a window collects several receives.
    if (!take(feeder, mapping.windowMs > 0 ? room : Math.min(room, 10))) break;
    if (feeder.gathered.length === 0) continue;
    if (mapping.windowMs === 0 || feeder.gathered.length >= mapping.batchSize) dispatch(feeder);
    else feeder.closeWindow ??= feeder.cloud.clock.after(mapping.windowMs, () => dispatch(feeder));
  }
};

// False when the queue gave nothing after all: its in-flight limit is reached, or all went to the dead-letter queue.
const take = ({ engine, mapping: { queue, filter }, gathered }: Feeder, max: number): boolean => {
  if (atInFlightLimit(queue)) return false;
  const messages = receive(engine, queue, { max });
  for (const message of messages) {
    const record = recordOf(queue, message);
    if (!filter || filter(record)) gathered.push({ message, record });
    // What no filter wants is consumed: it would only come back.
    else acknowledge(engine, queue, record.receiptHandle);
  }
  return messages.length > 0;
};

const dispatch = (feeder: Feeder): void => {
  const { mapping, gathered: batch } = feeder;
  feeder.closeWindow?.();
  delete feeder.closeWindow;
  feeder.gathered = [];
  feeder.running++;
  void consume(feeder.cloud, feeder.engine, mapping, batch).then((ok) => {
    // Failing functions are fed more slowly, as Lambda does, and recover one by one.
    feeder.limit = ok
      ? Math.min(mapping.maxConcurrency, feeder.limit + 1)
      : Math.max(1, Math.floor(feeder.limit / 2));
    feeder.running--;
    schedule(feeder);
  });
};
