import { randomUUID } from "node:crypto";
import { count, first, keepChanged, ofKind, records, text } from "../config/graph-settings.ts";
import { kept, type Setting, settingOperations } from "../config/setting.ts";
import type { EventName, ExtensionFactory, S3Answer, S3Context, S3Request } from "../contract.ts";
import { sequencerOf } from "../events.ts";
import type { Bucket, Removed } from "../types.ts";
import { abortOf, type Due, dueOf, expiryOf, midnightAfter } from "./due.ts";
import { checkRules, type Filter, type LifecycleRule, readRules, writeRules } from "./rules.ts";

const setting: Setting<readonly LifecycleRule[]> = {
  name: "lifecycle",
  operation: "BucketLifecycleConfiguration",
  deletion: "DeleteBucketLifecycle",
  root: "LifecycleConfiguration",
  read: readRules,
  write: writeRules,
  missing: {
    code: "NoSuchLifecycleConfiguration",
    message: "The lifecycle configuration does not exist",
  },
};

type Inputs = Readonly<Record<string, unknown>>;

const filterOf = (rule: Inputs): Filter => {
  const filter = first(rule.filter);
  const and = filter.and === undefined ? filter : first(filter.and);
  const tag = first(filter.tag);
  const tags = { ...(and.tags as Record<string, string> | undefined) };
  const [key, value] = [text(tag.key), text(tag.value)];
  if (key !== undefined) tags[key] = value ?? "";
  const [greater, less] = [Number(and.objectSizeGreaterThan), Number(and.objectSizeLessThan)];
  return {
    prefix: text(and.prefix) ?? text(rule.prefix) ?? "",
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(greater > 0 && { greaterThan: greater }),
    ...(less > 0 && { lessThan: less }),
  };
};

const ruleOf = (rule: Inputs): LifecycleRule => {
  const [expiration, noncurrent] = [first(rule.expiration), first(rule.noncurrentVersionExpiration)];
  const [days, date] = [count(expiration.days), text(expiration.date)];
  const noncurrentDays = count(noncurrent.noncurrentDays);
  const newer = Number(noncurrent.newerNoncurrentVersions);
  const abortDays = count(first(rule.abortIncompleteMultipartUpload).daysAfterInitiation);
  const moves = records(rule.transitions).length + records(rule.noncurrentVersionTransitions).length;
  return {
    id: text(rule.id) ?? randomUUID(),
    enabled: rule.status === "Enabled",
    filter: filterOf(rule),
    ...(days && { days }),
    ...(date && { date: Date.parse(date) }),
    ...(expiration.expiredObjectDeleteMarker === true && { expiredMarkers: true as const }),
    ...(noncurrentDays && { noncurrentDays }),
    ...(newer > 0 && { newerNoncurrent: newer }),
    ...(abortDays && { abortDays }),
    ...(moves > 0 && { transitions: {} }),
  };
};

const emit = (
  { emit: tell, cloud }: S3Context,
  { name, settings }: Bucket,
  key: string,
  { marker, version, sequence }: Removed,
) => {
  const made = marker !== undefined && version === undefined;
  const event: EventName = made ? "LifecycleExpiration:DeleteMarkerCreated" : "LifecycleExpiration:Delete";
  const versionId = (made ? marker : version)?.versionId;
  tell({
    name: event,
    bucket: name,
    key,
    ...(settings.versioning && versionId !== undefined && { versionId }),
    sequencer: sequencerOf(sequence),
    at: cloud.clock.now(),
    requester: "Lifecycle",
    sourceIp: "s3.amazonaws.com",
    requestId: randomUUID().replaceAll("-", "").slice(0, 16).toUpperCase(),
  });
};

/** Keys looked at before others get their turn. */
const STRIDE = 500;

const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

const sweep = async (context: S3Context, bucket: Bucket, rules: readonly LifecycleRule[]) => {
  const { store, cloud } = context;
  const now = cloud.clock.now();
  let seen = 0;
  for (const entry of store.keys(bucket.name)) {
    if (++seen % STRIDE === 0) await breathe();
    if (!store.bucket(bucket.name)) return;
    const { current, versionIds } = dueOf(rules, entry, now);
    for (const versionId of versionIds) {
      emit(context, bucket, entry.key, store.remove(bucket.name, entry.key, { versionId }));
    }
    // overwritten while the others had their turn: what is there now is not what was due
    const still = store.versions(bucket.name, entry.key)[0]?.versionId === entry.versions[0]?.versionId;
    if (current && still) emit(context, bucket, entry.key, store.remove(bucket.name, entry.key));
  }
  for (const upload of [...store.uploads(bucket.name).values()]) {
    const due = abortOf(rules, upload);
    if (due && due.at <= now) store.abortUpload(bucket.name, upload.id);
  }
};

const ANSWERED = new Set(["GetObject", "HeadObject", "PutObject", "CopyObject", "CompleteMultipartUpload"]);

const httpDate = (at: number) => new Date(at).toUTCString();

const headersOf = (
  request: S3Request,
  answer: S3Answer,
  { store, cloud }: S3Context,
): Record<string, string> => {
  const bucket = answer.status < 300 ? store.bucket(request.bucket) : undefined;
  const rules = bucket && kept(bucket, setting);
  if (!rules) return {};
  const uploading = request.operation === "CreateMultipartUpload" || request.operation === "ListParts";
  if (uploading) {
    const upload = store.uploads(request.bucket).get(request.query.get("uploadId") ?? "");
    const due = abortOf(rules, { key: request.key, initiated: upload?.initiated ?? cloud.clock.now() });
    return due ? { "x-amz-abort-date": httpDate(due.at), "x-amz-abort-rule-id": due.rule.id } : {};
  }
  if (!ANSWERED.has(request.operation) || request.query.has("versionId")) return {};
  const [current] = store.versions(request.bucket, request.key);
  const due: Due | undefined = current && !current.marker ? expiryOf(rules, current) : undefined;
  if (!due) return {};
  const rule = encodeURIComponent(due.rule.id);
  return { "x-amz-expiration": `expiry-date="${httpDate(due.at)}", rule-id="${rule}"` };
};

const sweepAll = async (context: S3Context) => {
  for (const bucket of context.store.buckets()) {
    const rules = kept(bucket, setting);
    if (rules) await sweep(context, bucket, rules);
  }
};

/** Lifecycle rules: what expires goes at the midnight (UTC) it is due, by the cloud's clock. */
export const lifecycle: ExtensionFactory = (context) => {
  const { cloud } = context;
  let cancel = () => {};
  let sweeping: Promise<void> | undefined;
  const run = (): Promise<void> => {
    sweeping ??= sweepAll(context)
      .catch((error: unknown) => cloud.print(`✗ s3 lifecycle: ${error}`))
      .finally(() => {
        sweeping = undefined;
      });
    return sweeping;
  };
  const arm = () => {
    const now = cloud.clock.now();
    cancel = cloud.clock.after(midnightAfter(now, 0) - now, () => {
      void run();
      arm();
    });
  };
  return {
    operations: settingOperations(setting),
    after(request, answer) {
      const headers = headersOf(request, answer, context);
      return Object.keys(headers).length > 0
        ? { ...answer, headers: { ...answer.headers, ...headers } }
        : answer;
    },
    async start() {
      for (const { inputs } of ofKind(context, "bucketLifecycleConfiguration")) {
        keepChanged(
          context,
          text(inputs.bucket) ?? "",
          setting,
          checkRules(records(inputs.rules).map(ruleOf)),
        );
      }
      await run();
      arm();
    },
    async stop() {
      cancel();
      await sweeping;
    },
  };
};
