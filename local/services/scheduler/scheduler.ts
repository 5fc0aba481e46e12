import { decode } from "../../front/exchange.ts";
import type { AwsRequest, AwsResponse, AwsService, Cloud } from "../../kit/cloud.ts";
import { SchedulerError } from "./call.ts";
import {
  runScheduleNow,
  type ScheduleView,
  schedulerActions,
  schedulerViews,
  scheduleView,
} from "./console.ts";
import { operations, scheduleFrom } from "./operations.ts";
import { arm, type SchedulerContext } from "./run.ts";
import { groupsOf, type Kept, openStore, type Schedule, scheduleArn, schedulesOf } from "./schedule.ts";

/** EventBridge Scheduler, and what only the local cloud asks of it. */
export interface SchedulerService extends AwsService {
  inspect(): readonly ScheduleView[];
  /** Runs a schedule now, by name or ARN, whatever its state; resolves when its target took it or it was given up. */
  runNow(nameOrArn: string): Promise<void>;
}

/** EventBridge Scheduler from the graph's schedules, and those made at run time. */
export const scheduler = (cloud: Cloud): SchedulerService => {
  const { kept, save } = openStore(cloud.dataDir);
  const context: SchedulerContext = {
    cloud,
    schedules: new Map(),
    groups: new Set(["default", ...groupsOf(cloud.graph), ...kept.groups]),
    save: () => save(snapshot(context)),
    stopped: false,
  };
  const loadedAt = cloud.clock.now();
  load(context, kept, loadedAt);
  return {
    name: "scheduler",
    handle: async (request) => handle(context, request),
    operations: Object.values(operations).map(([operation]) => `scheduler:${operation}`),
    inspect: () => [...context.schedules.values()].map((schedule) => scheduleView(context, schedule)),
    views: schedulerViews(context),
    actions: schedulerActions(context),
    async runNow(nameOrArn) {
      await runScheduleNow(context, nameOrArn);
    },
    async start() {
      context.save();
      for (const schedule of context.schedules.values())
        arm(context, schedule, startingAt(schedule, loadedAt));
    },
    async stop() {
      for (const schedule of context.schedules.values()) schedule.cancel?.();
      context.stopped = true;
    },
  };
};

// A one-time schedule that fell due while the cloud was off still runs, once; recurring ones just go on. A schedule seen
// for the first time may run at once: a rate does.
const startingAt = (schedule: Schedule, loadedAt: number): number =>
  schedule.expression.kind === "at" ? schedule.createdAt - 1 : loadedAt - 1;

const load = (context: SchedulerContext, kept: Kept, now: number): void => {
  const add = (schedule: Schedule) => context.schedules.set(schedule.arn, schedule);
  for (const { definition, ...facts } of kept.schedules)
    add(scheduleFrom(context, definition, { ...facts, runtime: true }));
  for (const definition of schedulesOf(context.cloud.graph)) {
    const { GroupName, Name } = definition;
    const seen = kept.seen[scheduleArn(context.cloud.graph, GroupName, Name)];
    const { createdAt = now, completed = false } = seen ?? {};
    const facts = { createdAt, modifiedAt: createdAt, completed, runtime: false };
    try {
      add(scheduleFrom(context, definition, facts));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`Schedule ${Name}: ${reason}`, { cause: error });
    }
  }
};

const snapshot = ({ schedules, groups }: SchedulerContext): Kept => {
  const all = [...schedules.values()];
  return {
    schedules: all
      .filter((schedule) => schedule.runtime)
      .map(({ definition, createdAt, modifiedAt, completed }) => ({
        definition,
        createdAt,
        modifiedAt,
        completed,
      })),
    groups: [...groups],
    seen: Object.fromEntries(
      all
        .filter((schedule) => !schedule.runtime)
        .map(({ arn, createdAt, completed }) => [arn, { createdAt, completed }]),
    ),
  };
};

const readInput = (body: Buffer): Readonly<Record<string, unknown>> => {
  const refuse = (message: string) => new SchedulerError("SerializationException", message, 400);
  let input: unknown;
  try {
    input = JSON.parse(body.toString("utf8") || "{}");
  } catch {
    throw refuse("The request body is not JSON.");
  }
  if (typeof input === "object" && input !== null && !Array.isArray(input))
    return input as Record<string, unknown>;
  throw refuse("Start of structure or map found where not expected.");
};

const handle = (context: SchedulerContext, request: AwsRequest): AwsResponse => {
  const [, resource = "", ...rest] = request.path.split("/");
  const name = decode(rest.join("/"));
  const key = `${request.method} ${resource}${name ? "/*" : ""}`;
  try {
    const operation = Object.hasOwn(operations, key) ? operations[key] : undefined;
    if (!operation)
      throw new SchedulerError(
        "NotImplemented",
        `The local cloud does not serve scheduler ${request.method} ${request.path}.`,
        501,
      );
    const input = readInput(request.body);
    const [, run] = operation;
    const output = run(context, { name, query: request.query, input });
    const group = String(input.GroupName ?? request.query.get("groupName") ?? "default");
    return {
      status: 200,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(output),
      ...(name ? { node: scheduleArn(context.cloud.graph, group, name) } : {}),
    };
  } catch (error) {
    if (!(error instanceof SchedulerError)) throw error;
    return {
      status: error.status,
      headers: { "content-type": "application/json", "x-amzn-errortype": error.code },
      body: JSON.stringify({ Message: error.message }),
    };
  }
};
