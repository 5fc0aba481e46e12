import { namesOf, namesOfArn } from "../../faults/names.ts";
import type { Cloud, Invocation } from "../../kit/cloud.ts";
import type { StreamMapping } from "./mappings.ts";
import type { StreamRecord } from "./records.ts";

/** What delivering a batch needs. `pause` resolves early, with false, once the poller stops. */
export interface BatchDeps {
  readonly cloud: Cloud;
  readonly mapping: StreamMapping;
  readonly pause: (ms: number) => Promise<boolean>;
  /** Called with the last record that is done with: delivered, or given up. */
  readonly done: (record: StreamRecord) => void;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;

const backoff = (attempt: number) => Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempt, 20), LONGEST_PAUSE_MS);

const isoSeconds = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

type Condition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

/** Lambda's message about records it gave up: where they are, not what they hold. */
const batchInfo = (
  records: readonly StreamRecord[],
  condition: Condition,
  invocations: number,
  last: Invocation | undefined,
  { cloud, mapping }: BatchDeps,
) => {
  const [first, final] = [records[0], records.at(-1)];
  const functionError = last?.error ? "Unhandled" : null;
  return {
    requestContext: {
      requestId: last?.requestId ?? first?.event.eventID,
      functionArn: mapping.functionArn,
      condition,
      approximateInvokeCount: invocations,
    },
    ...(last ? { responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError } } : {}),
    version: "1.0",
    timestamp: new Date(cloud.clock.now()).toISOString(),
    DDBStreamBatchInfo: {
      shardId: first?.shardId,
      startSequenceNumber: first?.sequence,
      endSequenceNumber: final?.sequence,
      approximateArrivalOfFirstRecord: isoSeconds(first?.createdAt ?? 0),
      approximateArrivalOfLastRecord: isoSeconds(final?.createdAt ?? 0),
      batchSize: records.length,
      streamArn: mapping.streamArn,
    },
  };
};

/** Drops records for good, and tells the on-failure destination. */
const giveUp = async (
  records: readonly StreamRecord[],
  condition: Condition,
  invocations: number,
  last: Invocation | undefined,
  deps: BatchDeps,
) => {
  const { cloud, mapping, done } = deps;
  const name = mapping.functionArn.split(":").at(-1);
  cloud.print(`✗ ${name}: ${records.length} stream record(s) given up, ${condition}`);
  if (mapping.onFailureArn) {
    const body = JSON.stringify(batchInfo(records, condition, invocations, last, deps));
    const delivery = { body, sourceArn: mapping.functionArn };
    await cloud.deliver(mapping.onFailureArn, delivery).catch((error: unknown) => {
      cloud.print(
        `✗ ${name}: the on-failure destination refused: ${error instanceof Error ? error.message : error}`,
      );
    });
  }
  const final = records.at(-1);
  if (final) done(final);
};

// AWS carries no trace through a stream: the invocation's own trace links to the writers', that is all.
const linksOf = (records: readonly StreamRecord[]) => {
  const links = [...new Set(records.flatMap(({ writer }) => writer ?? []))];
  return links.length === 0 ? {} : { links };
};

/** Index of the first record that failed; undefined when all are done. */
const firstFailure = (invocation: Invocation, records: readonly StreamRecord[], partial: boolean) => {
  if (invocation.error) return 0;
  if (!partial) return undefined;
  const payload = invocation.payload as { batchItemFailures?: unknown } | null | undefined;
  const failures = payload?.batchItemFailures;
  if (failures === undefined || failures === null) return undefined;
  // anything that is not a list of known sequence numbers fails the whole batch, as on AWS
  if (!Array.isArray(failures)) return 0;
  const indexes = failures.map((f) => records.findIndex((r) => r.sequence === f?.itemIdentifier));
  if (indexes.length === 0) return undefined;
  return Math.max(0, Math.min(...indexes));
};

/** Whether a fault loses the checkpoint of a batch that was done: it is delivered once more. */
const isRepeated = ({ cloud, mapping }: BatchDeps, records: readonly StreamRecord[]): boolean => {
  const { faults, graph } = cloud;
  if (!faults.active()) return false;
  const [table = ""] = mapping.streamArn.split("/stream/");
  const point = {
    service: "dynamodb",
    operation: ["Consume"],
    function: namesOf(graph, mapping.functionArn),
    target: [...namesOfArn(table), mapping.streamArn],
    key: records.map(({ sequence }) => sequence),
  };
  const [hit] = faults.strike(point, ["duplicate"]);
  hit?.note();
  return hit !== undefined;
};

/**
 * Delivers records in order until each is done or given up. False when the poller was stopped before that.
 * `failed` counts the attempts that have failed for what is left.
 */
export const deliverBatch = async (
  records: readonly StreamRecord[],
  deps: BatchDeps,
  failed = 0,
  last?: Invocation & { readonly repeated?: true },
): Promise<boolean> => {
  const { cloud, mapping, pause, done } = deps;
  const now = cloud.clock.now();
  const aged = records.filter((r) => now - r.createdAt > mapping.maxAgeMs).length;
  if (aged > 0) {
    await giveUp(records.slice(0, aged), "RecordAgeExceeded", failed, last, deps);
    return deliverBatch(records.slice(aged), deps, failed, last);
  }
  if (records.length === 0) return true;
  const event = { Records: records.map((r) => r.event) };
  const oldest = Math.min(...records.map((r) => r.createdAt));
  const invocation = await cloud.lambda.invoke(mapping.functionArn, event, {
    from: mapping.streamArn,
    detail: { iteratorAgeMs: Math.max(0, now - oldest), ...linksOf(records) },
  });
  if (invocation.throttled) return (await pause(backoff(0))) && deliverBatch(records, deps, failed, last);
  if (!invocation.error && !last?.repeated && isRepeated(deps, records))
    return deliverBatch(records, deps, failed, { ...invocation, repeated: true });
  const at = firstFailure(invocation, records, mapping.partialFailures);
  const before = records[(at ?? records.length) - 1];
  if (before) done(before);
  if (at === undefined) return true;
  const left = records.slice(at);
  // a batch that is split is retried at no cost to its attempts, so that one bad record alone uses them up
  if (mapping.bisect && at === 0 && left.length > 1) {
    const middle = Math.ceil(left.length / 2);
    if (!(await pause(backoff(failed)))) return false;
    return (
      (await deliverBatch(left.slice(0, middle), deps, failed, invocation)) &&
      deliverBatch(left.slice(middle), deps, failed, invocation)
    );
  }
  const attempts = at > 0 ? 1 : failed + 1;
  if (attempts > mapping.maxRetries) {
    await giveUp(left, "RetryAttemptsExhausted", attempts, invocation, deps);
    return true;
  }
  return (await pause(backoff(attempts - 1))) && deliverBatch(left, deps, attempts, invocation);
};
