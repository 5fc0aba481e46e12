import type { Cloud } from "../../kit/cloud.ts";
import { deliverBatch } from "./batches.ts";
import type { Checkpoint } from "./checkpoints.ts";
import type { Client } from "./client.ts";
import type { StreamMapping } from "./mappings.ts";
import type { Names } from "./names.ts";
import { createReader, endOf, type Position } from "./reader.ts";
import { type StreamRecord, toRecord } from "./records.ts";
import type { Item } from "./sizes.ts";

/** Reads one mapping's stream and delivers it. */
export interface Poller {
  readonly table: string;
  /** Something was written: read now. */
  wake(): void;
  stop(): Promise<void>;
}

/** What a poller works with. */
export interface PollerDeps {
  readonly cloud: Cloud;
  readonly client: Client;
  readonly names: Names;
  readonly mapping: StreamMapping;
  readonly table: string;
  /** True when the table has a TTL. */
  readonly expires: boolean;
  /** The engine's ARN of the stream. */
  readonly stream: string;
  readonly checkpoint: Checkpoint;
  readonly expired: (keys: Item, minute: number) => boolean;
}

/** Writes wake a poller at once; these are for what no call announces: the engine's own TTL deletions, and new shards. */
const IDLE_MS = { ttl: 1_000, plain: 30_000 };
/** After an error of the engine's. */
const RECOVER_MS = 1_000;
/** Lambda's event is 6 MB at most; records are JSON there, somewhat larger than what `SizeBytes` counts. */
const BATCH_BYTES = 4_000_000;

/** One sleeper that `wake` ends early; a wake while nobody sleeps is kept for the next. */
const createSignal = (cloud: Cloud) => {
  let woken = false;
  let resolve: (() => void) | undefined;
  return {
    wake() {
      woken = true;
      resolve?.();
    },
    async wait(ms: number) {
      if (!woken) {
        await new Promise<void>((done) => {
          const cancel = cloud.clock.after(ms, done);
          resolve = () => {
            cancel();
            done();
          };
        });
      }
      resolve = undefined;
      woken = false;
    },
  };
};

const takeBatch = (buffer: StreamRecord[], size: number) => {
  let bytes = 0;
  const fits = buffer.slice(0, size).findIndex((record, i) => {
    bytes += record.bytes;
    return i > 0 && bytes > BATCH_BYTES;
  });
  return buffer.splice(0, fits < 0 ? size : fits);
};

/** Starts polling. In order, at least once: the checkpoint moves only past records that are done with. */
export const startPoller = async (deps: PollerDeps): Promise<Poller> => {
  const { cloud, client, mapping, checkpoint, stream } = deps;
  const stored = await checkpoint.load(stream);
  const start = stored ?? (mapping.from === "LATEST" ? await endOf(client, stream) : undefined);
  if (start && !stored) checkpoint.save(stream, start);
  const reader = createReader(client, stream, start);
  const signal = createSignal(cloud);
  const idle = deps.expires ? IDLE_MS.ttl : IDLE_MS.plain;
  const stopping = Promise.withResolvers<false>();
  let stopped = false;
  let reached: Position | undefined = start;
  const buffer: StreamRecord[] = [];

  const pause = (ms: number) =>
    Promise.race([
      new Promise<true>((done) => void cloud.clock.after(ms, () => done(true))),
      stopping.promise,
    ]);
  const save = ({ shardId, sequence }: Position) => {
    if (stopped) return;
    checkpoint.save(stream, { shardId, ...(sequence ? { sequence } : {}) });
  };

  /** Reads once; false when there was nothing new. */
  const fill = async () => {
    const { records, shardId } = await reader.read();
    const ahead = Math.max(0, cloud.clock.now() - Date.now());
    const context = {
      names: deps.names,
      streamArn: mapping.streamArn,
      shardId,
      ahead,
      expired: deps.expired,
    };
    for (const raw of records) {
      const record = toRecord(raw, context);
      reached = { shardId, sequence: record.sequence };
      if (mapping.matches(record.event)) buffer.push(record);
    }
    if (records.length > 0 && buffer.length === 0 && reached) save(reached);
    return records.length > 0;
  };

  /** Waits until a batch is due: full, or its window over since the first record came. */
  const gather = async () => {
    let first = buffer.length > 0 ? cloud.clock.now() : undefined;
    while (!stopped && buffer.length < mapping.batchSize) {
      const more = await fill();
      if (buffer.length > 0) first ??= cloud.clock.now();
      const left = first === undefined ? idle : first + mapping.windowMs - cloud.clock.now();
      if (left <= 0) return;
      if (!more) await signal.wait(Math.min(left, idle));
    }
  };

  const run = async () => {
    while (!stopped) {
      try {
        await gather();
        if (stopped) return;
        const batch = takeBatch(buffer, mapping.batchSize);
        await deliverBatch(batch, { cloud, mapping, pause, done: save });
        if (buffer.length === 0 && reached) save(reached);
      } catch (error) {
        if (stopped) return;
        cloud.print(`✗ stream of ${deps.table}: ${error instanceof Error ? error.message : error}`);
        await pause(RECOVER_MS);
      }
    }
  };
  const running = run();

  return {
    table: deps.table,
    wake: signal.wake,
    async stop() {
      stopped = true;
      stopping.resolve(false);
      signal.wake();
      // an invocation may still be running: its records are delivered again after the next start
      await Promise.race([running, stopping.promise]);
      await checkpoint.flush();
    },
  };
};
