import { type Access, anything, arnOf, own, record, type ServiceCall, type Table, text } from "./access.ts";

const decode = (part: string | undefined) => {
  try {
    return decodeURIComponent(part ?? "");
  } catch {
    return part ?? "";
  }
};

const ofSchedule = (call: ServiceCall): string => {
  const name = decode(/^\/schedules\/([^/]+)$/.exec(call.request.path)?.[1]);
  const group = text(call.input.GroupName) || call.request.query.get("groupName") || "default";
  return arnOf(call, "scheduler", `schedule/${group}/${name}`);
};

const ofGroup = (call: ServiceCall) =>
  arnOf(
    call,
    "scheduler",
    `schedule-group/${decode(/^\/schedule-groups\/([^/]+)$/.exec(call.request.path)?.[1])}`,
  );

/** Whoever makes a schedule hands its role to the service. */
const passing =
  (action: string) =>
  (call: ServiceCall): Access[] => {
    const role = text(record(call.input.Target).RoleArn);
    const pass: Access = {
      action: "iam:PassRole",
      resource: role,
      context: () => ({
        "iam:PassedToService": "scheduler.amazonaws.com",
        "iam:AssociatedResourceArn": ofSchedule(call),
      }),
    };
    const change: Access = { action: `scheduler:${action}`, resource: ofSchedule(call) };
    return role ? [change, pass] : [change];
  };

const ofTagged = (call: ServiceCall) => decode(/^\/tags\/(.+)$/.exec(call.request.path)?.[1]);

/** Request line → operation of EventBridge Scheduler. */
export const SCHEDULER_ROUTES: readonly (readonly [RegExp, string])[] = [
  [/^POST \/schedules\/[^/]+$/, "CreateSchedule"],
  [/^PUT \/schedules\/[^/]+$/, "UpdateSchedule"],
  [/^GET \/schedules\/[^/]+$/, "GetSchedule"],
  [/^DELETE \/schedules\/[^/]+$/, "DeleteSchedule"],
  [/^GET \/schedules\/?$/, "ListSchedules"],
  [/^POST \/schedule-groups\/[^/]+$/, "CreateScheduleGroup"],
  [/^GET \/schedule-groups\/[^/]+$/, "GetScheduleGroup"],
  [/^DELETE \/schedule-groups\/[^/]+$/, "DeleteScheduleGroup"],
  [/^GET \/schedule-groups\/?$/, "ListScheduleGroups"],
  [/^GET \/tags\/.+$/, "ListTagsForResource"],
  [/^POST \/tags\/.+$/, "TagResource"],
  [/^DELETE \/tags\/.+$/, "UntagResource"],
];

/** Operations of EventBridge Scheduler. */
export const scheduler: Table = {
  CreateSchedule: passing("CreateSchedule"),
  UpdateSchedule: passing("UpdateSchedule"),
  ...own("scheduler", "GetSchedule DeleteSchedule", ofSchedule),
  ...own("scheduler", "CreateScheduleGroup GetScheduleGroup DeleteScheduleGroup", ofGroup),
  ...own("scheduler", "ListSchedules ListScheduleGroups", anything),
  ...own("scheduler", "ListTagsForResource TagResource UntagResource", ofTagged),
};
