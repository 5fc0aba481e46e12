import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { now, rfc3339 } from "#core/kit/clock.ts";
import { linked } from "#core/kit/config.ts";
import { documents } from "#core/kit/dynamo.ts";
import { metrics } from "#core/kit/metrics.ts";
import { CODE_SPACE, toBase62 } from "./codes.ts";
import { counterKey } from "./link.keys.ts";
import { limits } from "./link.schema.ts";
import { createPermutation } from "./permutation.ts";

interface Lease {
  next: number;
  readonly end: number;
}

let lease: Lease | undefined;
let pending: Promise<void> | undefined;
let permute: ((value: bigint) => bigint) | undefined;

/** Numbers of one lease. A range that an environment does not use up before it ends is a gap, and harmless. */
const leaseSize = () => Number(process.env.CODE_LEASE ?? 1_000);

/**
 * The next code: a number from this environment's lease, permuted so that codes cannot be walked. One item takes
 * 1,000 writes a second; with leases of k it feeds 1,000 × k codes a second, and a code costs 1/k of a write.
 */
export const nextCode = async (): Promise<string> => {
  while (!lease || lease.next >= lease.end) {
    pending ??= takeLease().finally(() => {
      pending = undefined;
    });
    await pending;
  }
  const number = lease.next++;
  permute ??= createPermutation(linked("ShortenerCodeKey").value, CODE_SPACE);
  return toBase62(permute(BigInt(number)), limits.generatedLength);
};

// The item shows its own rate: size / (leasedAt − previousLeasedAt). SET reads the values from before the update.
const takeLease = async () => {
  const size = leaseSize();
  const { Attributes } = await documents().send(
    new UpdateCommand({
      TableName: linked("ShortenerTable").name,
      Key: counterKey,
      UpdateExpression:
        "SET previousLeasedAt = if_not_exists(leasedAt, :now), leasedAt = :now, leaseSize = :size ADD #next :size",
      ExpressionAttributeNames: { "#next": "next" },
      ExpressionAttributeValues: { ":now": rfc3339(now()), ":size": size },
      ReturnValues: "ALL_NEW",
    }),
  );
  const end = Number(Attributes?.next);
  if (end > CODE_SPACE) throw new Error("Every code of this length was leased: lengthen them");
  lease = { next: end - size, end };
  const seconds = (Date.parse(Attributes?.leasedAt) - Date.parse(Attributes?.previousLeasedAt)) / 1000;
  metrics.addMetric("CodeLeases", "Count", 1);
  if (seconds > 0) metrics.addMetric("CodeRate", "Count/Second", size / seconds);
  metrics.addMetric("CodeSpaceUsed", "Percent", (100 * end) / Number(CODE_SPACE));
};

/** Forgets the lease, as a new environment would. */
export const dropLease = (): void => {
  lease = undefined;
};
