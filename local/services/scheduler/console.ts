import type { Action, View } from "../../kit/cloud.ts";
import { neededText } from "../../kit/console-input.ts";
import { dueAfter, run, type SchedulerContext } from "./run.ts";
import type { Schedule } from "./schedule.ts";

/** A schedule as the console shows it. */
export interface ScheduleView {
  readonly name: string;
  readonly arn: string;
  readonly expression: string;
  readonly timeZone: string;
  readonly targetArn: string;
  readonly enabled: boolean;
  /** Epoch ms of the next run; undefined when disabled or over. */
  readonly next?: number;
  /** The next few runs, `next` included. */
  readonly upcoming: readonly number[];
}

const UPCOMING = 5;

const upcoming = (schedule: Schedule, now: number): number[] => {
  const runs: number[] = [];
  for (
    let at = dueAfter(schedule, now);
    at !== undefined && runs.length < UPCOMING;
    at = dueAfter(schedule, at)
  ) {
    if (at <= (runs.at(-1) ?? 0)) break;
    runs.push(at);
  }
  return runs;
};

/** What the console shows of a schedule. */
export const scheduleView = ({ cloud }: SchedulerContext, schedule: Schedule): ScheduleView => {
  const runs = upcoming(schedule, cloud.clock.now());
  const { Name, ScheduleExpression, ScheduleExpressionTimezone = "UTC", State, Target } = schedule.definition;
  return {
    name: Name,
    arn: schedule.arn,
    expression: ScheduleExpression,
    timeZone: ScheduleExpressionTimezone,
    targetArn: Target.Arn,
    enabled: State !== "DISABLED" && !schedule.completed,
    ...(runs[0] === undefined ? {} : { next: runs[0] }),
    upcoming: runs,
  };
};

/** Runs a schedule now, by name or ARN, whatever its state; resolves with its trace when its target took it. */
export const runScheduleNow = async (context: SchedulerContext, nameOrArn: string): Promise<string> => {
  const schedule = [...context.schedules.values()].find(
    ({ arn, definition }) => arn === nameOrArn || definition.Name === nameOrArn,
  );
  if (!schedule) throw new Error(`There is no schedule ${nameOrArn}`);
  return run(context, schedule, context.cloud.clock.now());
};

/** What the console shows of schedules. */
export const schedulerViews = (context: SchedulerContext): Readonly<Record<string, View>> => ({
  schedules: () => ({
    now: context.cloud.clock.now(),
    schedules: [...context.schedules.values()].map((schedule) => scheduleView(context, schedule)),
  }),
});

/** What a person may do to schedules. */
export const schedulerActions = (context: SchedulerContext): Readonly<Record<string, Action>> => ({
  run: async (input) => ({ traceId: await runScheduleNow(context, neededText(input, "arn")) }),
});
