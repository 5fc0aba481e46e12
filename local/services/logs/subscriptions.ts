import { gzipSync } from "node:zlib";
import { byType, type Graph, type Resource } from "../../graph/graph.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { compilePattern, type Matcher } from "./pattern.ts";
import type { StoredEvent } from "./store.ts";

/** A subscription filter of the graph. */
export interface Subscription {
  readonly name: string;
  readonly logGroup: string;
  readonly pattern: string;
  readonly destinationArn: string;
  readonly matches: Matcher;
}

// CloudWatch sends within about a second, and no more than fits an asynchronous event once it is zipped and in base64.
const BATCH_MS = 1_000;
const BATCH_BYTES = 512 * 1_024;
const BATCH_EVENTS = 5_000;
const MAX_LINKS = 100;

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** `arn:aws:logs:…:log-group:NAME:*` or the name itself. */
export const groupName = (nameOrArn: string): string =>
  /^arn:aws[\w-]*:logs:[^:]*:\d*:log-group:(.+?)(?::\*)?$/.exec(nameOrArn)?.[1] ?? nameOrArn;

const read = ({ name, inputs, outputs }: Resource): Subscription => {
  const destinationArn = text(inputs.destinationArn);
  if (!destinationArn.startsWith("arn:aws:lambda:"))
    throw new Error(
      `Log subscription filter ${name}: only functions can be subscribed locally, not ${destinationArn}.`,
    );
  const pattern = text(inputs.filterPattern);
  return {
    name: text(outputs.name) || text(inputs.name) || name,
    logGroup: groupName(text(inputs.logGroup)),
    pattern,
    destinationArn,
    matches: compilePattern(pattern),
  };
};

/** Every subscription filter the graph declares. */
export const readSubscriptions = (graph: Graph): Subscription[] =>
  byType(graph, "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter").map(read);

/** What a subscribed function receives, as CloudWatch Logs packs it. */
const pack = (
  graph: Graph,
  subscription: Subscription,
  logStream: string,
  events: readonly StoredEvent[],
) => {
  const data = {
    messageType: "DATA_MESSAGE",
    owner: graph.accountId,
    logGroup: subscription.logGroup,
    logStream,
    subscriptionFilters: [subscription.name],
    logEvents: events.map(({ id, timestamp, message }) => ({ id, timestamp, message })),
  };
  return { awslogs: { data: gzipSync(JSON.stringify(data)).toString("base64") } };
};

// CloudWatch carries no trace to a subscriber: its own trace links to those of the lines it is given.
const linksOf = (events: readonly StoredEvent[]) => {
  const links = [...new Set(events.flatMap(({ trace }) => trace ?? []))].slice(-MAX_LINKS);
  return links.length === 0 ? {} : { detail: { links } };
};

interface Batch {
  readonly subscription: Subscription;
  readonly stream: string;
  events: StoredEvent[];
  bytes: number;
  /** Ends the wait for more events. */
  cancel: () => void;
  /** Deliveries of this stream, one after the other: a later batch never overtakes an earlier one. */
  sending: Promise<void>;
}

/** Gathers matching events per stream and sends them on. */
export interface Subscriptions {
  offer(logGroup: string, stream: string, events: readonly StoredEvent[]): void;
  /** Sends everything that is gathered; resolves when Lambda has taken it. */
  flush(): Promise<void>;
}

/** `lambda` is read at delivery: it starts after the logs. */
type SubscriptionCloud = Pick<Cloud, "graph" | "clock" | "lambda" | "print">;
type Batches = Map<string, Batch>;

const send = (cloud: SubscriptionCloud, batches: Batches, key: string, batch: Batch): void => {
  batch.cancel();
  const { events, subscription, stream } = batch;
  if (events.length === 0) return;
  Object.assign(batch, { events: [], bytes: 0 });
  const { region, accountId } = cloud.graph;
  const from = `arn:aws:logs:${region}:${accountId}:log-group:${subscription.logGroup}`;
  const deliver = () => {
    const packed = pack(cloud.graph, subscription, stream, events);
    return cloud.lambda.invokeAsync(subscription.destinationArn, packed, { from, ...linksOf(events) });
  };
  const sending = batch.sending
    .then(deliver)
    .catch((error: unknown) =>
      cloud.print(
        `✗ logs: ${events.length} event(s) not delivered to ${subscription.name}: ${String(error)}`,
      ),
    )
    .then(() => {
      if (batch.sending === sending && batch.events.length === 0) batches.delete(key);
    });
  batch.sending = sending;
};

const add = (
  cloud: SubscriptionCloud,
  batches: Batches,
  subscription: Subscription,
  stream: string,
  event: StoredEvent,
): void => {
  const key = `${subscription.name}\n${subscription.logGroup}\n${stream}`;
  const empty = { events: [], bytes: 0, cancel: () => {}, sending: Promise.resolve() };
  const batch = batches.get(key) ?? { subscription, stream, ...empty };
  batches.set(key, batch);
  if (batch.events.length === 0)
    batch.cancel = cloud.clock.after(BATCH_MS, () => send(cloud, batches, key, batch));
  batch.events.push(event);
  batch.bytes += Buffer.byteLength(event.message);
  if (batch.bytes >= BATCH_BYTES || batch.events.length >= BATCH_EVENTS) send(cloud, batches, key, batch);
};

/** Delivery for `subscriptions`. */
export const createSubscriptions = (
  cloud: SubscriptionCloud,
  subscriptions: readonly Subscription[],
): Subscriptions => {
  const batches: Batches = new Map();
  return {
    offer(logGroup, stream, events) {
      for (const subscription of subscriptions) {
        if (subscription.logGroup !== logGroup) continue;
        const matching = events.filter(({ message }) => subscription.matches(message));
        for (const event of matching) add(cloud, batches, subscription, stream, event);
      }
    },
    async flush() {
      for (const [key, batch] of batches) send(cloud, batches, key, batch);
      await Promise.all([...batches.values()].map(({ sending }) => sending));
    },
  };
};
