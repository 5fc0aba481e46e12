import { namesOfArn } from "../../faults/names.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { deliverBatch } from "./batches.ts";
import type { Checkpoint } from "./checkpoints.ts";
import type { Client } from "./client.ts";
import type { StreamMapping } from "./mappings.ts";
import type { Names } from "./names.ts";
import { createReader, endOf, type Position, type Reader } from "./reader.ts";
import { type StreamRecord, toRecord } from "./records.ts";
import { createSignal, type Signal } from "./signal.ts";
import type { Item } from "./sizes.ts";

/** Reads one mapping's stream and delivers it. */
export interface Poller {
  readonly table: string;
  /** Something was written: read now. */
  wake(): void;
  /** Delivers nothing more; the checkpoint still moves past what is being delivered. */
  pause(): void;
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
  /** The trace that wrote an item, as far as it is known. */
  readonly writer: (keys: Item) => string | undefined;
}

/** Writes wake a poller at once; these are for what no call announces: the engine's own TTL deletions, and new shards. */
const IDLE_MS = { ttl: 1_000, plain: 30_000 };
/** After an error of the engine's. */
const RECOVER_MS = 1_000;
/** Lambda's event is 6 MB at most; records are JSON there, somewhat larger than what `SizeBytes` counts. */
const BATCH_BYTES = 4_000_000;

/** What a poller is in the middle of. */
interface State {
  readonly reader: Reader;
  readonly signal: Signal;
  readonly stopping: PromiseWithResolvers<false>;
  /** Nothing more is delivered. */
  paused: boolean;
  /** The checkpoint no longer moves either. */
  stopped: boolean;
  /** How far the stream was read, records that no filter let through included. */
  reached: Position | undefined;
  /** Read and let through, not yet delivered. */
  readonly buffer: StreamRecord[];
}

const takeBatch = (buffer: StreamRecord[], size: number) => {
  let bytes = 0;
  const fits = buffer.slice(0, size).findIndex((record, i) => {
    bytes += record.bytes;
    return i > 0 && bytes > BATCH_BYTES;
  });
  return buffer.splice(0, fits < 0 ? size : fits);
};

const save = (state: State, { checkpoint, stream }: PollerDeps, { shardId, sequence }: Position) => {
  if (!state.stopped) checkpoint.save(stream, { shardId, ...(sequence ? { sequence } : {}) });
};

/** Streams go with their tables: an outage on purpose stops the reading too. */
const refuseWhileOut = ({ cloud, mapping }: PollerDeps) => {
  const [table = ""] = mapping.streamArn.split("/stream/");
  const about = { function: [], target: [...namesOfArn(table), mapping.streamArn], key: [] };
  const point = { service: "dynamodb", operation: ["GetRecords"], ...about };
  if (cloud.faults.active() && cloud.faults.out(point)) throw new Error("the service is out on purpose");
};

/** Reads once; false when there was nothing new. */
const fill = async (state: State, deps: PollerDeps) => {
  refuseWhileOut(deps);
  const { cloud, mapping, names, expired } = deps;
  const { records, shardId } = await state.reader.read();
  const ahead = Math.max(0, cloud.clock.now() - Date.now());
  for (const raw of records) {
    const writer = deps.writer(raw.dynamodb.Keys);
    const record = toRecord(raw, { names, streamArn: mapping.streamArn, shardId, ahead, expired });
    state.reached = { shardId, sequence: record.sequence };
    if (mapping.matches(record.event)) state.buffer.push(writer ? { ...record, writer } : record);
  }
  if (records.length > 0 && state.buffer.length === 0 && state.reached) save(state, deps, state.reached);
  return records.length > 0;
};

/** Waits until a batch is due: full, or its window over since the first record came. */
const gather = async (state: State, deps: PollerDeps) => {
  const { cloud, mapping } = deps;
  const idle = deps.expires ? IDLE_MS.ttl : IDLE_MS.plain;
  const { buffer } = state;
  let first = buffer.length > 0 ? cloud.clock.now() : undefined;
  while (!state.paused && buffer.length < mapping.batchSize) {
    const more = await fill(state, deps);
    if (buffer.length > 0) first ??= cloud.clock.now();
    const left = first === undefined ? idle : first + mapping.windowMs - cloud.clock.now();
    if (left <= 0) return;
    if (!more) await state.signal.wait(Math.min(left, idle));
  }
};

const run = async (state: State, deps: PollerDeps) => {
  const { cloud, mapping } = deps;
  const pause = (ms: number) =>
    Promise.race([
      new Promise<true>((done) => void cloud.clock.after(ms, () => done(true))),
      state.stopping.promise,
    ]);
  const done = (record: StreamRecord) => save(state, deps, record);
  while (!state.paused) {
    try {
      await gather(state, deps);
      if (state.paused) return;
      const batch = takeBatch(state.buffer, mapping.batchSize);
      const delivered = await deliverBatch(batch, { cloud, mapping, pause, done });
      if (delivered && state.buffer.length === 0 && state.reached) save(state, deps, state.reached);
    } catch (error) {
      if (state.paused) return;
      cloud.print(`✗ stream of ${deps.table}: ${error instanceof Error ? error.message : error}`);
      await pause(RECOVER_MS);
    }
  }
};

/** Starts polling. In order, at least once: the checkpoint moves only past records that are done with. */
export const startPoller = async (deps: PollerDeps): Promise<Poller> => {
  const { client, mapping, checkpoint, stream } = deps;
  const stored = await checkpoint.load(stream);
  const start = stored ?? (mapping.from === "LATEST" ? await endOf(client, stream) : undefined);
  if (start && !stored) checkpoint.save(stream, start);
  const state: State = {
    reader: createReader(client, stream, start),
    signal: createSignal(deps.cloud.clock),
    stopping: Promise.withResolvers<false>(),
    paused: false,
    stopped: false,
    reached: start,
    buffer: [],
  };
  const running = run(state, deps);
  const pause = () => {
    state.paused = true;
    state.stopping.resolve(false);
    state.signal.wake();
  };
  return {
    table: deps.table,
    wake: state.signal.wake,
    pause,
    async stop() {
      pause();
      state.stopped = true;
      // an invocation may still be running: its records are delivered again after the next start
      await Promise.race([running, state.stopping.promise]);
      await checkpoint.flush();
    },
  };
};
