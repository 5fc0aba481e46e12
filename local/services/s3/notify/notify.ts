import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { functionByArn, type Resource } from "../../../graph/graph.ts";
import { keepChanged, ofKind, records, text, texts } from "../config/graph-settings.ts";
import { bucketOf, keep, kept, type Setting, settingOperations } from "../config/setting.ts";
import type { ExtensionFactory, ObjectEvent, S3Context, S3Request } from "../contract.ts";
import { S3Fault } from "../fault.ts";
import { readDocument } from "../intake.ts";
import {
  checkTargets,
  type Notifications,
  readNotifications,
  type Target,
  targetsOf,
  writeNotifications,
} from "./configuration.ts";
import { type Letter, openOutbox } from "./outbox.ts";
import { bridged, notification, testEvent } from "./record.ts";

const setting: Setting<Notifications> = {
  name: "notification",
  operation: "BucketNotificationConfiguration",
  root: "NotificationConfiguration",
  read: (document) => readNotifications(document),
  write: writeNotifications,
  missing: { value: { targets: [], eventBridge: false } },
};

const inputsOf = (inputs: Readonly<Record<string, unknown>>): Notifications => {
  const list = (name: string, kind: Target["kind"], arn: string) =>
    records(inputs[name]).map((one, at): Target => {
      const [prefix, suffix] = [text(one.filterPrefix), text(one.filterSuffix)];
      return {
        id: text(one.id) ?? `tf-s3-${kind}-${at}`,
        kind,
        arn: text(one[arn]) ?? "",
        events: texts(one.events),
        ...(prefix ? { prefix } : {}),
        ...(suffix ? { suffix } : {}),
      };
    });
  const targets = [
    ...list("topics", "topic", "topicArn"),
    ...list("queues", "queue", "queueArn"),
    ...list("lambdaFunctions", "function", "lambdaFunctionArn"),
  ];
  return { targets: checkTargets(targets), eventBridge: inputs.eventbridge === true };
};

const unreachable = (targets: readonly Target[]) =>
  new S3Fault("InvalidArgument", {
    message: "Unable to validate the following destination configurations",
    detail: Object.fromEntries(
      targets.flatMap(({ arn }, at) => [
        [`ArgumentName${at + 1}`, arn],
        [
          `ArgumentValue${at + 1}`,
          "The destination queue, topic or function does not exist or cannot be notified.",
        ],
      ]),
    ),
  });

/** Proves each destination as S3 does: functions must exist; queues and topics are sent a test. */
const prove = async ({ cloud }: S3Context, bucket: string, targets: readonly Target[], requestId: string) => {
  const failed = await Promise.all(
    targets.map(async (target) => {
      if (target.kind === "function") return functionByArn(cloud.graph, target.arn) ? [] : [target];
      if (target.arn.endsWith(".fifo")) return [target]; // S3 notifies standard queues and topics alone
      const body = JSON.stringify(testEvent(bucket, cloud.clock.now(), requestId));
      const sourceArn = `arn:aws:s3:::${bucket}`;
      return cloud.deliver(target.arn, { body, sourceArn }).then(
        () => [],
        () => [target],
      );
    }),
  );
  if (failed.flat().length > 0) throw unreachable(failed.flat());
};

const put = async (request: S3Request, context: S3Context) => {
  const bucket = bucketOf(request, context);
  const wanted = readNotifications(await readDocument(request));
  if (request.headers["x-amz-skip-destination-validation"]?.toLowerCase() !== "true") {
    await prove(context, bucket.name, wanted.targets, request.requestId);
  }
  keep(context, bucket.name, setting, wanted);
  return { status: 200 };
};

/** Sends letters: functions are invoked, queues, topics and buses delivered to. */
const sender =
  ({ cloud }: S3Context) =>
  async ({ target, body, source, trace }: Letter) => {
    if (!target.startsWith("arn:aws:lambda:")) {
      return cloud.deliver(target, { body, sourceArn: source, ...(trace ? { trace } : {}) });
    }
    await cloud.lambda.invokeAsync(target, JSON.parse(body), { from: source, ...(trace ? { trace } : {}) });
  };

const read = ({ name, source, inputs }: Resource): Notifications => {
  try {
    return inputsOf(inputs);
  } catch (error) {
    const where = source ? ` (${source})` : "";
    throw new Error(`${name}${where}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
};

const start = async (context: S3Context) => {
  for (const resource of ofKind(context, "bucketNotification")) {
    const bucket = text(resource.inputs.bucket) ?? "";
    const wanted = read(resource);
    // a deployment would send the test once: when the configuration is made
    if (!keepChanged(context, bucket, setting, wanted)) continue;
    const failed = await prove(context, bucket, wanted.targets, randomUUID()).catch(
      (error: unknown) => error,
    );
    if (failed instanceof S3Fault) {
      const who = Object.values(failed.detail).join(" ");
      context.cloud.print(`✗ ${resource.name} (${resource.source ?? bucket}): ${failed.message}: ${who}`);
    }
  }
};

/** Tells queues, topics, functions and the bus what happens to objects: at least once, in order for each key. */
export const notify: ExtensionFactory = (context) => {
  const { cloud, store } = context;
  const place = { region: cloud.graph.region, accountId: cloud.graph.accountId };
  const bus = `arn:aws:events:${place.region}:${place.accountId}:event-bus/default`;
  const outbox = openOutbox({
    ...(cloud.dataDir && { file: join(cloud.dataDir, "s3", "outbox.jsonl") }),
    clock: cloud.clock,
    send: sender(context),
    lost: ({ target, source }, error) =>
      cloud.print(
        `✗ ${source} → ${target}: notification given up: ${error instanceof Error ? error.message : error}`,
      ),
    full: (error) =>
      cloud.print(
        `✗ notifications of S3 are not noted down: ${error instanceof Error ? error.message : error}`,
      ),
  });
  const tell = (event: ObjectEvent, target: string, content: object) =>
    outbox.post({
      target,
      lane: `${event.bucket}/${event.key}`,
      body: JSON.stringify(content),
      source: `arn:aws:s3:::${event.bucket}`,
      at: cloud.clock.now(),
      ...(event.trace ? { trace: event.trace } : {}),
    });
  return {
    operations: { ...settingOperations(setting), PutBucketNotificationConfiguration: put },
    onObjectEvent(event) {
      const bucket = store.bucket(event.bucket);
      const config = bucket && kept(bucket, setting);
      if (!config) return;
      for (const target of targetsOf(config, event)) {
        tell(event, target.arn, notification(event, place, target.id));
      }
      if (config.eventBridge) tell(event, bus, bridged(event, place));
    },
    async start() {
      await start(context);
      outbox.start();
    },
    pause: async () => outbox.pause(),
    stop: async () => outbox.stop(),
  };
};
