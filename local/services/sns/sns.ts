import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { AwsRequest, AwsResponse, AwsService, Cloud, Delivery } from "../../kit/cloud.ts";
import { openLedger } from "../../kit/ledger.ts";
import { MalformedQuery, queryAnswer, queryFault, readQuery, textOf } from "../../kit/query.ts";
import { served } from "../../kit/served.ts";
import { actions, views } from "./console.ts";
import { bury } from "./dead-letters.ts";
import { declaredIn } from "./declared.ts";
import { openDeliveries } from "./deliveries.ts";
import { SnsError, snsErrors } from "./errors.ts";
import { createCaller } from "./http.ts";
import type { Message, Operation, SnsContext } from "./model.ts";
import { openOutbox } from "./outbox.ts";
import { platformOperations } from "./platform-operations.ts";
import { publishTo } from "./publish.ts";
import { publishOperations } from "./publish-operations.ts";
import { type Announce, createPushes } from "./push.ts";
import { policyOf, type Reach, reachOnce } from "./reach.ts";
import { openRegistry } from "./registry.ts";
import { CERTIFICATE_PATH, openSigner } from "./signing.ts";
import { createTexter } from "./sms.ts";
import { smsOperations } from "./sms-operations.ts";
import { ask, expireLater, subscribeOperations } from "./subscribe.ts";
import { subscriptionOperations } from "./subscription-operations.ts";
import { tagOperations } from "./tags.ts";
import { topicOperations } from "./topic-operations.ts";
import { topicPermissions } from "./topic-permissions.ts";

const NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/";

const operations: Readonly<Record<string, Operation>> = {
  ...topicOperations,
  ...topicPermissions,
  ...subscribeOperations,
  ...subscriptionOperations,
  ...publishOperations,
  ...platformOperations,
  ...smsOperations,
  ...tagOperations,
};

/** SNS: the graph's topics and those made by API. Phones, devices and mailboxes are an outbox; only this machine is called. */
export const sns = async (cloud: Cloud): Promise<AwsService> => {
  const context = await open(cloud);
  return {
    name: "sns",
    accepts: "arn:aws:sns:",
    handle: (request) => handle(context, request),
    operations: served("sns", operations),
    deliver: (arn, delivery) => deliver(context, arn, delivery),
    views: views(context),
    actions: actions(context),
    async start() {
      context.deliveries.start();
      for (const subscription of context.registry.subscriptions.values()) {
        if (!subscription.pending) continue;
        // What the graph states was just deployed: its endpoints are asked. The others were asked when they subscribed.
        if (!subscription.runtime) ask(context, subscription, "SubscriptionConfirmation");
        else expireLater(context, subscription);
      }
    },
    async pause() {
      context.deliveries.stop();
      context.caller.close(); // an endpoint that hangs shall not hold up the end
      await context.deliveries.settled();
    },
    async stop() {
      context.deliveries.stop();
      context.caller.close();
      await context.deliveries.settled();
      await context.ledger.committed();
    },
  };
};

const open = async (cloud: Cloud): Promise<SnsContext> => {
  const { clock } = cloud;
  const ledger = openLedger(
    cloud.dataDir === undefined ? undefined : join(cloud.dataDir, "sns", "log.jsonl"),
  );
  const registry = openRegistry(ledger, declaredIn(cloud.graph, clock.now()));
  const signer = await openSigner(ledger, cloud.graph.region, clock.now());
  const outbox = openOutbox(ledger);
  const caller = createCaller();
  const [optedOut, smsSettings] = [ledger.table<number>("optedOut"), ledger.table<string>("smsSettings")];
  const texter = createTexter({ clock, outbox, optedOut, settings: smsSettings });
  const announce: Announce = (platform, event, fields) => announceTo(context, platform, event, fields);
  const pushes = createPushes({ clock, registry, outbox, announce });
  const reach: Reach = { cloud, registry, signer, outbox, caller, texter, pushes };
  const deliveries = openDeliveries({
    cloud,
    ledger,
    registry,
    reach: (message, subscription) => reachOnce(reach, message, subscription),
    policyOf: (subscription) => policyOf(registry, subscription),
    bury: (message, subscription, reason) => bury(reach, message, subscription, reason),
  });
  const context: SnsContext = {
    ...reach,
    clock,
    ledger,
    deliveries,
    announce,
    optedOut,
    smsSettings,
    optedIn: ledger.table("optedIn"),
    seen: ledger.table("seen"),
    sequences: ledger.table("sequences"),
  };
  return context;
};

// An application's own events are messages on a topic of its choice.
const announceTo = (context: SnsContext, ...[platform, event, fields]: Parameters<Announce>): void => {
  const topic = context.registry.topics.get(platform.attributes[event] ?? "");
  if (!topic) return;
  const now = context.clock.now();
  const body = {
    EventType: event.replace(/^Event/, ""),
    Resource: platform.arn,
    Service: "SNS",
    Time: new Date(now).toISOString(),
    ...fields,
  };
  publishTo(context, topic, { ...plain(JSON.stringify(body), now), topicArn: topic.arn });
};

const plain = (text: string, at: number): Message => ({
  id: randomUUID(),
  text,
  attributes: {},
  at,
  signatureVersion: "1",
});

const certificate = (context: SnsContext, request: AwsRequest): AwsResponse | undefined => {
  if (!CERTIFICATE_PATH.test(request.path)) return undefined;
  if (request.path !== context.signer.path) return { status: 404 };
  return {
    status: 200,
    headers: { "content-type": "application/x-pem-file" },
    body: context.signer.certificate,
  };
};

const handle = async (context: SnsContext, request: AwsRequest): Promise<AwsResponse> => {
  const found = certificate(context, request);
  if (found) return found;
  const call = { namespace: NAMESPACE, requestId: request.requestId };
  try {
    const input = readQuery(request);
    const action = textOf(input, "Action") ?? "";
    const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
    if (!operation) throw snsErrors.unserved(action || "(no action)");
    const { result, node } = await operation(context, input, request);
    await context.ledger.committed();
    return { ...queryAnswer({ ...call, action }, result), ...(node === undefined ? {} : { node }) };
  } catch (error) {
    if (error instanceof SnsError) return queryFault(call, error);
    if (error instanceof MalformedQuery)
      return queryFault(call, { status: 400, code: "MalformedInput", message: error.message });
    throw error;
  }
};

// Other services publish so: rules, alarms, notifications of buckets, dead letters of functions.
const deliver = async (context: SnsContext, arn: string, delivery: Delivery): Promise<void> => {
  const topic = context.registry.topics.get(arn);
  if (!topic) throw snsErrors.noTopic();
  const given = Object.entries(delivery.attributes ?? {}).map(
    ([name, StringValue]) => [name, { DataType: "String", StringValue }] as const,
  );
  const message: Message = {
    ...plain(delivery.body, context.clock.now()),
    topicArn: arn,
    attributes: { ...Object.fromEntries(given), ...delivery.messageAttributes },
    ...(delivery.subject ? { subject: delivery.subject } : {}),
    ...(delivery.trace ? { trace: delivery.trace } : {}),
    ...(topic.fifo
      ? { groupId: delivery.messageGroupId ?? "default", dedupId: delivery.deduplicationId ?? randomUUID() }
      : {}),
    signatureVersion: topic.attributes.SignatureVersion === "2" ? "2" : "1",
  };
  publishTo(context, topic, message);
  await context.ledger.committed();
};
