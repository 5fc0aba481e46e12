import type { Cloud, Invocation, InvokeOptions } from "../../kit/cloud.ts";
import { parseTraceHeader } from "../../kit/recorder.ts";
import { type Engine, fly, wake } from "./engine.ts";
import { redelivery } from "./faulty.ts";
import type { RecordFilter } from "./filter.ts";
import { acknowledge } from "./receive.ts";
import { failuresOf, type SqsRecord } from "./record.ts";
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

/** A received message and the record made of it. */
export interface Held {
  readonly message: Message;
  readonly record: SqsRecord;
}

/** Bytes of one invocation's payload, less its envelope. */
const PAYLOAD_BYTES = 6 * 1024 * 1024 - 1024;

/**
 * Gives a batch to the function and deletes what it did; false when anything is left. A batch larger than one payload goes
 * as several invocations, in order. A FIFO batch stops at its first failure.
 */
export const consume = async (
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
    const delayMs = redelivery(cloud, queue, mapping.functionArn, message);
    if (delayMs !== undefined) {
      fly(queue, message, cloud.clock.now() + delayMs);
      wake(engine, queue);
      continue;
    }
    try {
      acknowledge(engine, queue, record.receiptHandle);
    } catch {
      // The visibility timeout ran out while the function worked: the message comes again.
    }
  }
  return failed.size === 0;
};

// Messages of one trace carry it on. A batch of several traces is a trace of its own that links to them, as X-Ray has it:
// no one of them is its parent.
const traceOf = (part: readonly Held[]): Pick<InvokeOptions, "trace" | "detail"> => {
  const traces = part.flatMap(({ message }) => message.trace ?? []);
  const [trace] = traces;
  const links = [...new Set(traces.flatMap((header) => parseTraceHeader(header).traceId ?? []))];
  if (links.length > 1) return { detail: { links } };
  return trace === undefined ? {} : { trace };
};

// A throttled batch is offered again, with backoff, for as long as its messages are hidden from others.
const untilAccepted = async (
  cloud: Cloud,
  mapping: Mapping,
  part: readonly Held[],
): Promise<Invocation | undefined> => {
  const deadline = Math.min(...part.map(({ message }) => message.visibleAt));
  const carried = traceOf(part);
  const event = { Records: part.map(({ record }) => record) };
  for (let attempt = 0; ; attempt++) {
    const result = await cloud.lambda
      .invoke(mapping.functionArn, event, { from: mapping.queue.arn, ...carried })
      .catch(() => undefined);
    const wait = Math.min(1000 * 2 ** attempt, 30_000) * (0.5 + Math.random() / 2);
    if (!result?.throttled || cloud.clock.now() + wait >= deadline) return result;
    await new Promise<void>((resolve) => cloud.clock.after(wait, resolve));
  }
};
