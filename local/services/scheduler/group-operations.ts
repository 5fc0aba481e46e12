import { conflict, missing, type Operation, page, validation } from "./call.ts";
import type { SchedulerContext } from "./run.ts";

const groupArn = ({ cloud: { graph } }: SchedulerContext, name: string) =>
  `arn:aws:scheduler:${graph.region}:${graph.accountId}:schedule-group/${name}`;

const showGroup = (context: SchedulerContext, name: string) => ({
  Arn: groupArn(context, name),
  Name: name,
  State: "ACTIVE",
});

const createGroup: Operation = (context, { name }) => {
  if (context.groups.has(name)) throw conflict(`Schedule group ${name}`);
  context.groups.add(name);
  context.save();
  return { ScheduleGroupArn: groupArn(context, name) };
};

const getGroup: Operation = (context, { name }) => {
  if (!context.groups.has(name)) throw missing(`Schedule group ${name}`);
  return showGroup(context, name);
};

// A group takes its schedules with it.
const deleteGroup: Operation = (context, { name }) => {
  if (name === "default") throw validation("The default schedule group cannot be deleted.");
  if (!context.groups.delete(name)) throw missing(`Schedule group ${name}`);
  for (const schedule of [...context.schedules.values()]) {
    if (schedule.definition.GroupName !== name) continue;
    schedule.cancel?.();
    context.schedules.delete(schedule.arn);
  }
  context.save();
  return {};
};

const listGroups: Operation = (context, { query }) => {
  const prefix = query.get("NamePrefix") ?? "";
  const names = [...context.groups].filter((name) => name.startsWith(prefix));
  return page(
    query,
    names.map((name) => showGroup(context, name)),
    "ScheduleGroups",
  );
};

/** Operations on schedule groups. */
export const groupOperations: Readonly<Record<string, readonly [name: string, run: Operation]>> = {
  "POST schedule-groups/*": ["CreateScheduleGroup", createGroup],
  "GET schedule-groups/*": ["GetScheduleGroup", getGroup],
  "DELETE schedule-groups/*": ["DeleteScheduleGroup", deleteGroup],
  "GET schedule-groups": ["ListScheduleGroups", listGroups],
};
