import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { byType, type Graph, type Resource } from "../../graph/graph.ts";
import { readKept } from "../../kit/kept.ts";
import type { Expression } from "./expression.ts";

/** A schedule as CreateSchedule takes it and GetSchedule gives it; dates in epoch seconds. */
export interface Definition {
  readonly Name: string;
  readonly GroupName: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly StartDate?: number;
  readonly EndDate?: number;
  readonly State?: string;
  readonly Description?: string;
  readonly FlexibleTimeWindow: { readonly Mode: string; readonly MaximumWindowInMinutes?: number };
  readonly ActionAfterCompletion?: string;
  readonly KmsKeyArn?: string;
  readonly Target: {
    readonly Arn: string;
    readonly RoleArn?: string;
    readonly Input?: string;
    readonly RetryPolicy?: {
      readonly MaximumRetryAttempts?: number;
      readonly MaximumEventAgeInSeconds?: number;
    };
    readonly DeadLetterConfig?: { readonly Arn?: string };
    readonly SqsParameters?: { readonly MessageGroupId?: string };
    readonly EventBridgeParameters?: { readonly DetailType: string; readonly Source: string };
  };
}

/** A schedule and where it stands. */
export interface Schedule {
  definition: Definition;
  expression: Expression;
  readonly arn: string;
  /** Epoch ms; where a rate without a start date is counted from. */
  readonly createdAt: number;
  modifiedAt: number;
  /** Made by the API: kept on disk whole. Schedules of the graph keep only when they were first seen. */
  readonly runtime: boolean;
  /** The last run is over; nothing more will happen. */
  completed: boolean;
  cancel?: () => void;
}

/** What is kept between runs of the local cloud. */
export interface Kept {
  readonly schedules: readonly {
    readonly definition: Definition;
    readonly createdAt: number;
    readonly modifiedAt: number;
    readonly completed: boolean;
  }[];
  readonly groups: readonly string[];
  /** Schedules of the graph by ARN. */
  readonly seen: Readonly<Record<string, { readonly createdAt: number; readonly completed: boolean }>>;
}

const NOTHING: Kept = { schedules: [], groups: [], seen: {} };

/** Reads and writes what is kept; without a directory, nothing is. */
export const openStore = (dataDir: string | undefined): { readonly kept: Kept; save(kept: Kept): void } => {
  if (dataDir === undefined) return { kept: NOTHING, save: () => {} };
  const directory = join(dataDir, "scheduler");
  const file = join(directory, "schedules.json");
  mkdirSync(directory, { recursive: true });
  return {
    kept: { ...NOTHING, ...readKept(file) },
    save(kept) {
      writeFileSync(`${file}.new`, JSON.stringify(kept));
      renameSync(`${file}.new`, file);
    },
  };
};

/** The ARN of a schedule. */
export const scheduleArn = (graph: Graph, group: string, name: string): string =>
  `arn:aws:scheduler:${graph.region}:${graph.accountId}:schedule/${group}/${name}`;

/** The schedules the graph declares. */
export const schedulesOf = (graph: Graph): Definition[] =>
  byType(graph, "aws:scheduler/schedule:Schedule").map(definitionOf);

/** The groups the graph declares. */
export const groupsOf = (graph: Graph): string[] =>
  byType(graph, "aws:scheduler/scheduleGroup:ScheduleGroup").map((group) =>
    String(group.outputs.name ?? group.inputs.name ?? group.name),
  );

const definitionOf = (resource: Resource): Definition => {
  const { inputs, outputs } = resource;
  const shaped = capitalise({ ...inputs, tags: undefined }) as unknown as Definition;
  return {
    ...shaped,
    Name: String(outputs.name ?? inputs.name ?? resource.name),
    GroupName: String(inputs.groupName ?? "default"),
    ...(typeof inputs.startDate === "string" ? { StartDate: Date.parse(inputs.startDate) / 1000 } : {}),
    ...(typeof inputs.endDate === "string" ? { EndDate: Date.parse(inputs.endDate) / 1000 } : {}),
    FlexibleTimeWindow: shaped.FlexibleTimeWindow ?? { Mode: "OFF" },
  };
};

// Pulumi's property names are AWS's with a small first letter; "eventbridgeParameters" alone also differs inside.
const capitalise = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(capitalise);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined && item !== null)
      .map(([key, item]) => [
        key === "eventbridgeParameters"
          ? "EventBridgeParameters"
          : key.charAt(0).toUpperCase() + key.slice(1),
        capitalise(item),
      ]),
  );
};
