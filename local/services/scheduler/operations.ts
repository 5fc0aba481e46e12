import { conflict, type Input, missing, type Operation, page, SchedulerError, validation } from "./call.ts";
import { InvalidExpression, parseExpression } from "./expression.ts";
import { groupOperations } from "./group-operations.ts";
import { arm, type SchedulerContext } from "./run.ts";
import { type Definition, type Schedule, scheduleArn } from "./schedule.ts";
import { isTimeZone } from "./time-zone.ts";

/** Checks a definition and makes a schedule of it. Throws what AWS would answer. */
export const scheduleFrom = (
  context: SchedulerContext,
  definition: Definition,
  facts: { createdAt: number; modifiedAt: number; runtime: boolean; completed: boolean },
): Schedule => {
  const { Name, GroupName, ScheduleExpressionTimezone: zone = "UTC", Target } = definition;
  if (!/^[\w\-.]{1,64}$/.test(Name)) throw validation("Value at 'name' failed to satisfy constraint.");
  if (!Target?.Arn) throw validation("1 validation error detected: Value at 'target' must not be null");
  if (!definition.FlexibleTimeWindow?.Mode)
    throw validation("1 validation error detected: Value at 'flexibleTimeWindow' must not be null");
  if (!isTimeZone(zone)) throw validation(`The ScheduleExpressionTimezone is not valid: ${zone}`);
  if (
    definition.FlexibleTimeWindow.Mode === "FLEXIBLE" &&
    !definition.FlexibleTimeWindow.MaximumWindowInMinutes
  )
    throw validation("MaximumWindowInMinutes must be provided when mode is FLEXIBLE.");
  const { StartDate = Number.NEGATIVE_INFINITY, EndDate = Number.POSITIVE_INFINITY } = definition;
  if (StartDate >= EndDate) throw validation("The StartDate must be before the EndDate.");
  try {
    const expression = parseExpression(definition.ScheduleExpression ?? "", zone);
    return { ...facts, definition, expression, arn: scheduleArn(context.cloud.graph, GroupName, Name) };
  } catch (error) {
    if (error instanceof InvalidExpression) throw validation(error.message);
    throw error;
  }
};

const find = (context: SchedulerContext, name: string, group: string | null): Schedule => {
  const schedule = context.schedules.get(scheduleArn(context.cloud.graph, group ?? "default", name));
  if (!schedule) throw missing(`Schedule ${name}`);
  return schedule;
};

const definitionFrom = (context: SchedulerContext, name: string, input: Input): Definition => {
  const { ClientToken: _, ...rest } = input;
  for (const field of ["GroupName", "ScheduleExpression", "ScheduleExpressionTimezone", "State"])
    if (input[field] !== undefined && typeof input[field] !== "string")
      throw new SchedulerError("SerializationException", `${field} is no text.`, 400);
  const group = String(input.GroupName ?? "default");
  if (!context.groups.has(group)) throw missing(`Schedule group ${group}`);
  return {
    State: "ENABLED",
    ActionAfterCompletion: "NONE",
    ...rest,
    Name: name,
    GroupName: group,
  } as Definition;
};

const createSchedule: Operation = (context, { name, input }) => {
  const now = context.cloud.clock.now();
  const facts = { createdAt: now, modifiedAt: now, runtime: true, completed: false };
  const schedule = scheduleFrom(context, definitionFrom(context, name, input), facts);
  if (context.schedules.has(schedule.arn)) throw conflict(`Schedule ${name}`);
  context.schedules.set(schedule.arn, schedule);
  context.save();
  arm(context, schedule, now - 1);
  return { ScheduleArn: schedule.arn };
};

// An update replaces everything: what it does not name goes back to its default.
const updateSchedule: Operation = (context, { name, input }) => {
  const definition = definitionFrom(context, name, input);
  const schedule = find(context, name, definition.GroupName);
  const now = context.cloud.clock.now();
  const { expression } = scheduleFrom(context, definition, { ...schedule, modifiedAt: now });
  Object.assign(schedule, { definition, expression, modifiedAt: now, completed: false });
  context.save();
  arm(context, schedule, now);
  return { ScheduleArn: schedule.arn };
};

const deleteSchedule: Operation = (context, { name, query }) => {
  const schedule = find(context, name, query.get("groupName"));
  schedule.cancel?.();
  context.schedules.delete(schedule.arn);
  context.save();
  return {};
};

const dates = ({ createdAt, modifiedAt }: Schedule) => ({
  CreationDate: createdAt / 1000,
  LastModificationDate: modifiedAt / 1000,
});

const getSchedule: Operation = (context, { name, query }) => {
  const schedule = find(context, name, query.get("groupName"));
  return { ScheduleExpressionTimezone: "UTC", ...schedule.definition, Arn: schedule.arn, ...dates(schedule) };
};

const listSchedules: Operation = (context, { query }) => {
  const [group, prefix, state] = [query.get("ScheduleGroup"), query.get("NamePrefix"), query.get("State")];
  const found = [...context.schedules.values()].filter(
    ({ definition: { GroupName, Name, State = "ENABLED" } }) =>
      (group === null || GroupName === group) &&
      (prefix === null || Name.startsWith(prefix)) &&
      (state === null || State === state),
  );
  const shown = found.map((schedule) => ({
    Arn: schedule.arn,
    Name: schedule.definition.Name,
    GroupName: schedule.definition.GroupName,
    State: schedule.definition.State ?? "ENABLED",
    Target: { Arn: schedule.definition.Target.Arn },
    ...dates(schedule),
  }));
  return page(query, shown, "Schedules");
};

/** Operations by method and resource; a name in the path or none. */
export const operations: Readonly<Record<string, readonly [name: string, run: Operation]>> = {
  "POST schedules/*": ["CreateSchedule", createSchedule],
  "PUT schedules/*": ["UpdateSchedule", updateSchedule],
  "GET schedules/*": ["GetSchedule", getSchedule],
  "DELETE schedules/*": ["DeleteSchedule", deleteSchedule],
  "GET schedules": ["ListSchedules", listSchedules],
  ...groupOperations,
};
