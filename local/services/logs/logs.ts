import { byType } from "../../graph/graph.ts";
import type { AwsRequest, AwsResponse, AwsService, Cloud } from "../../kit/cloud.ts";
import { served } from "../../kit/served.ts";
import { logsViews } from "./console.ts";
import { LogsError, type LogsState, operations } from "./operations.ts";
import { InvalidPattern } from "./pattern-tokens.ts";
import { appendEvents, createGroup, eventIds, type Group, type InputEvent } from "./store.ts";
import { createSubscriptions, readSubscriptions } from "./subscriptions.ts";

/** CloudWatch Logs, and the door through which functions' output enters it. */
export interface LogsService extends AwsService {
  /** Appends on AWS's own behalf; a group that the graph does not declare comes to be, as for Lambda. */
  append(logGroup: string, logStream: string, events: readonly InputEvent[]): void;
  /** Delivers to subscribed functions at once what waits for its batch. */
  flush(): Promise<void>;
}

/** Told of every batch of lines as it is kept. */
export type LogReader = (lines: readonly InputEvent[]) => void;

/** The part of the cloud that logs need. `lambda` is read at delivery, so it may start later. */
export type LogsCloud = Pick<Cloud, "graph" | "clock" | "lambda" | "print">;

const respond = (status: number, body: object): AwsResponse => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.1" },
  body: JSON.stringify(body),
});

const declaredGroups = ({ graph, clock }: LogsCloud): Map<string, Group> =>
  new Map(
    byType(graph, "aws:cloudwatch/logGroup:LogGroup").map(({ inputs, outputs, name, id }) => {
      const groupName = String(outputs.name ?? inputs.name ?? id ?? name);
      const arn = String(
        outputs.arn ?? `arn:aws:logs:${graph.region}:${graph.accountId}:log-group:${groupName}`,
      );
      const retention = Number(inputs.retentionInDays) || undefined;
      return [groupName, createGroup(groupName, arn, clock.now(), retention)];
    }),
  );

const answer = (state: LogsState, request: AwsRequest): AwsResponse => {
  const name = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
  const operation = operations[name];
  try {
    if (!operation)
      throw new LogsError("UnknownOperationException", `CloudWatch Logs ${name} is not served locally.`);
    const input = JSON.parse(request.body.toString("utf8") || "{}") as Record<string, unknown>;
    const output = operation(state, input);
    const group = typeof input.logGroupName === "string" ? state.groups.get(input.logGroupName) : undefined;
    return { ...respond(200, output), ...(group ? { node: group.arn } : {}) };
  } catch (error) {
    const refused = error instanceof InvalidPattern || error instanceof SyntaxError;
    if (!refused && !(error instanceof LogsError)) throw error;
    const code = error instanceof LogsError ? error.code : "InvalidParameterException";
    if (!operation) state.print(`✗ ${error.message}`);
    return respond(400, { __type: code, message: error.message });
  }
};

/** CloudWatch Logs with the graph's groups and subscription filters. */
export const createLogs = (cloud: LogsCloud, onLines: LogReader = () => {}): LogsService => {
  const declared = readSubscriptions(cloud.graph);
  const subscriptions = createSubscriptions(cloud, declared);
  const nextId = eventIds(cloud.clock);
  const put = (group: Group, stream: string, events: readonly InputEvent[]) => {
    const stored = appendEvents(group, stream, events, nextId, cloud.clock.now());
    subscriptions.offer(group.name, stream, stored);
    onLines(stored);
  };
  const state: LogsState = {
    graph: cloud.graph,
    clock: cloud.clock,
    groups: declaredGroups(cloud),
    subscriptions: declared,
    put,
    print: cloud.print,
  };
  const { region, accountId } = cloud.graph;
  const open = (name: string): Group => {
    const arn = `arn:aws:logs:${region}:${accountId}:log-group:${name}`;
    const group = state.groups.get(name) ?? createGroup(name, arn, cloud.clock.now());
    state.groups.set(name, group);
    return group;
  };
  return {
    name: "logs",
    append: (logGroup, logStream, events) => put(open(logGroup), logStream, events),
    accepts: "arn:aws:logs:",
    // Access logs of APIs, and what rules send to a group: one stream for each sender.
    deliver: async (targetArn, { body, sourceArn }) => {
      const name = /:log-group:([^:]+)/.exec(targetArn)?.[1];
      if (name === undefined || !state.groups.has(name))
        throw new Error(`There is no log group ${targetArn}`);
      const stream = sourceArn.split(/[:/]/).at(-1) || "events";
      put(open(name), stream, [{ timestamp: cloud.clock.now(), message: body }]);
    },
    handle: async (request) => answer(state, request),
    operations: served("logs", operations),
    views: logsViews(state),
    flush: () => subscriptions.flush(),
    stop: () => subscriptions.flush(),
  };
};
