import { randomUUID } from "node:crypto";
import { fault, malformedXml, S3Fault } from "../fault.ts";
import { many, readXml, textOf, type Xml, type XmlRead } from "../xml.ts";

/** Where a bucket's events go, and which. */
export interface Target {
  readonly id: string;
  readonly kind: "queue" | "topic" | "function";
  readonly arn: string;
  /** `s3:ObjectCreated:*` */
  readonly events: readonly string[];
  readonly prefix?: string;
  readonly suffix?: string;
}

/** A bucket's notification configuration. */
export interface Notifications {
  readonly targets: readonly Target[];
  readonly eventBridge: boolean;
}

/** Every event type that a configuration may name. */
const EVENTS = new Set([
  ..."ReducedRedundancyLostObject IntelligentTiering LifecycleTransition".split(" "),
  ..."* Put Post Copy CompleteMultipartUpload".split(" ").map((name) => `ObjectCreated:${name}`),
  ..."* Delete DeleteMarkerCreated".split(" ").map((name) => `ObjectRemoved:${name}`),
  ..."* Post Completed Delete".split(" ").map((name) => `ObjectRestore:${name}`),
  ..."* OperationFailedReplication OperationNotTracked OperationMissedThreshold OperationReplicatedAfterThreshold"
    .split(" ")
    .map((name) => `Replication:${name}`),
  ..."* Delete DeleteMarkerCreated".split(" ").map((name) => `LifecycleExpiration:${name}`),
  ..."* Put Delete".split(" ").map((name) => `ObjectTagging:${name}`),
  "ObjectAcl:Put",
]);

const isEvent = (name: string) => name.startsWith("s3:") && EVENTS.has(name.slice(3));

const KINDS = [
  ["TopicConfiguration", "topic", "Topic"],
  ["QueueConfiguration", "queue", "Queue"],
  ["CloudFunctionConfiguration", "function", "CloudFunction"],
] as const;

const invalid = (message: string) => fault("InvalidArgument", {}, message);

const readFilter = (node: XmlRead): Pick<Target, "prefix" | "suffix"> => {
  const rules = many(many(many(node, "Filter")[0], "S3Key")[0], "FilterRule");
  const found: { prefix?: string; suffix?: string } = {};
  for (const rule of rules) {
    const name = textOf(rule, "Name")?.toLowerCase();
    if (name !== "prefix" && name !== "suffix") {
      throw invalid("filter rule name must be either prefix or suffix");
    }
    if (found[name] !== undefined) {
      throw invalid(`Cannot specify more than one ${name} rule in a filter.`);
    }
    found[name] = textOf(rule, "Value") ?? "";
  }
  return found;
};

const readTarget = (node: XmlRead, kind: Target["kind"], element: string): Target => {
  const arn = textOf(node, element);
  const events = many(node, "Event").map((event) => {
    if (typeof event !== "string") throw malformedXml();
    if (!isEvent(event)) throw invalid("The event is not supported for notifications");
    return event;
  });
  if (arn === undefined || events.length === 0) throw malformedXml();
  const id = textOf(node, "Id") || randomUUID();
  if (id.length > 255) throw invalid("Configuration Id must be at most 255 characters.");
  return { id, kind, arn, events, ...readFilter(node) };
};

const covers = (a: string, b: string) => a === b || (a.endsWith("*") && b.startsWith(a.slice(0, -1)));

const shareEvent = (a: Target, b: Target) =>
  a.events.some((x) => b.events.some((y) => covers(x, y) || covers(y, x)));

const overlap = (a: Target, b: Target) => {
  const [p, q, s, t] = [a.prefix ?? "", b.prefix ?? "", a.suffix ?? "", b.suffix ?? ""];
  return (p.startsWith(q) || q.startsWith(p)) && (s.endsWith(t) || t.endsWith(s));
};

/** Throws where two targets would both be told of one event: S3 allows no such overlap. */
export const checkTargets = (targets: readonly Target[]): readonly Target[] => {
  targets.forEach((one, at) => {
    for (const other of targets.slice(at + 1)) {
      if (one.id === other.id) {
        throw invalid("Same ID used for multiple configurations. IDs must be unique");
      }
      if (shareEvent(one, other) && overlap(one, other)) {
        throw new S3Fault("InvalidArgument", {
          message:
            "Configurations overlap. Configurations on the same bucket cannot share a common event type.",
          detail: { ArgumentName1: one.arn, ArgumentName2: other.arn },
        });
      }
    }
  });
  return targets;
};

/** Reads a notification configuration; throws for what S3 refuses by itself. */
export const readNotifications = (text: string): Notifications => {
  const node = readXml(text, "NotificationConfiguration");
  const targets = KINDS.flatMap(([name, kind, element]) =>
    many(node, name).map((one) => readTarget(one, kind, element)),
  );
  return { targets: checkTargets(targets), eventBridge: "EventBridgeConfiguration" in node };
};

const writeTarget = (target: Target, element: string): Xml => {
  const rules = [
    { Name: "Prefix", Value: target.prefix },
    { Name: "Suffix", Value: target.suffix },
  ].filter((rule) => rule.Value !== undefined);
  return {
    Id: target.id,
    [element]: target.arn,
    Event: target.events,
    ...(rules.length > 0 && { Filter: { S3Key: { FilterRule: rules as Xml[] } } }),
  };
};

/** The configuration as S3 tells it. */
export const writeNotifications = ({ targets, eventBridge }: Notifications): Xml => ({
  ...Object.fromEntries(
    KINDS.map(([name, kind, element]) => [
      name,
      targets.filter((one) => one.kind === kind).map((one) => writeTarget(one, element)),
    ]),
  ),
  ...(eventBridge && { EventBridgeConfiguration: {} }),
});

/** The targets to be told that `name` (`ObjectCreated:Put`) happened to a key. Filters are compared with the key itself. */
export const targetsOf = (
  { targets }: Notifications,
  event: { readonly name: string; readonly key: string },
): Target[] =>
  targets.filter(
    ({ events, prefix = "", suffix = "" }) =>
      events.some((pattern) => covers(pattern, `s3:${event.name}`)) &&
      event.key.startsWith(prefix) &&
      event.key.endsWith(suffix),
  );
