import {
  type Access,
  anything,
  arnOf,
  items,
  own,
  record,
  type ServiceCall,
  type Table,
  text,
} from "./access.ts";

const busName = (reference: string) => (reference.split("/").at(-1) ?? "") || "default";

const busArn = (call: ServiceCall, reference: string) =>
  reference.startsWith("arn:") ? reference : arnOf(call, "events", `event-bus/${busName(reference)}`);

/** A rule's ARN names its bus unless that is the default one. */
const ruleArn = (call: ServiceCall, rule: string) => {
  const bus = busName(text(call.input.EventBusName));
  return arnOf(call, "events", bus === "default" ? `rule/${rule}` : `rule/${bus}/${rule}`);
};

const puts = (call: ServiceCall): Access[] =>
  items(call.input.Entries).map((value) => {
    const entry = record(value);
    return {
      action: "events:PutEvents",
      resource: busArn(call, text(entry.EventBusName)),
      context: () => ({
        "events:source": text(entry.Source),
        "events:detail-type": text(entry.DetailType),
        "events:eventBusInvocation": "false",
      }),
    };
  });

const ofRule = (call: ServiceCall) => ruleArn(call, text(call.input.Name) || text(call.input.Rule));
const ofBus = (call: ServiceCall) => busArn(call, text(call.input.Name) || text(call.input.EventBusName));
const ofArchive = (call: ServiceCall) => arnOf(call, "events", `archive/${text(call.input.ArchiveName)}`);
const ofReplay = (call: ServiceCall) => arnOf(call, "events", `replay/${text(call.input.ReplayName)}`);
const ofResource = (call: ServiceCall) => text(call.input.ResourceARN);

/** Operations of EventBridge. Source: service authorization reference, Amazon EventBridge. */
export const events: Table = {
  PutEvents: puts,
  ...own(
    "events",
    "PutRule DeleteRule DescribeRule EnableRule DisableRule PutTargets RemoveTargets ListTargetsByRule",
    ofRule,
  ),
  ...own(
    "events",
    "CreateEventBus DeleteEventBus DescribeEventBus UpdateEventBus PutPermission RemovePermission",
    ofBus,
  ),
  ...own("events", "CreateArchive DeleteArchive DescribeArchive UpdateArchive", ofArchive),
  ...own("events", "StartReplay CancelReplay DescribeReplay", ofReplay),
  ...own("events", "TagResource UntagResource ListTagsForResource", ofResource),
  ...own(
    "events",
    "ListRules ListEventBuses ListRuleNamesByTarget TestEventPattern ListArchives ListReplays",
    anything,
  ),
};
