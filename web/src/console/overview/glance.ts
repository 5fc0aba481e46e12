import * as v from "valibot";
import { count, plural } from "../../ui/format.ts";
import { Buckets } from "../buckets/bucket-data.ts";
import { Rules } from "../buses/bus-data.ts";
import { read } from "../client.ts";
import { bytes } from "../format.ts";
import { Functions } from "../functions/function-data.ts";
import { Inbox } from "../mails/mail-data.ts";
import { Outbox } from "../messages/message-data.ts";
import { Alarms } from "../metrics/metric-data.ts";
import { Report } from "../permissions/permission-data.ts";
import { Queues } from "../queues/queue-data.ts";
import { Tables } from "../tables/table-data.ts";
import { TraceList } from "../traces/trace-data.ts";

/** What a page holds, in a line; and what is wrong there, when something is. */
export interface Glance {
  readonly text: string;
  readonly wrong?: string;
}

type Look = (signal: AbortSignal) => Promise<Glance | undefined>;

/** Reads a view and says it in a line; a view that fails says nothing: its page tells why. */
const look =
  <S extends v.GenericSchema>(schema: S, path: string, say: (data: v.InferOutput<S>) => Glance): Look =>
  async (signal) => {
    const answer = await read(schema, path, {}, signal);
    return answer.ok ? say(answer.data) : undefined;
  };

const wrong = (n: number, words: string): { readonly wrong?: string } => (n > 0 ? { wrong: words } : {});
const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0);

const Total = v.object({ total: v.number() });
const Pools = v.object({ pools: v.array(v.object({ total: v.number(), sessions: v.number() })) });
const Schedules = v.object({ schedules: v.array(v.object({ enabled: v.boolean() })) });

/** What there is to say of each page, by its slug. */
export const glances: Readonly<Record<string, Look>> = {
  traces: look(TraceList, "traces", ({ traces }) => {
    const failed = traces.filter(({ errors }) => errors > 0).length;
    return {
      text: traces.length === 0 ? "nothing happened yet" : `the latest ${count(traces.length)}`,
      ...wrong(failed, `${count(failed)} with errors`),
    };
  }),
  functions: look(Functions, "lambda/functions", ({ functions }) => {
    const errors = sum(functions.map(({ stats }) => stats.errors));
    const runs = sum(functions.map(({ stats }) => stats.invocations));
    return {
      text: `${plural(functions.length, "function")}, ${plural(runs, "invocation")}`,
      ...wrong(errors, `${count(errors)} failed`),
    };
  }),
  tables: look(Tables, "dynamodb/tables", ({ tables }) => ({
    text: `${plural(tables.length, "table")}, ${plural(sum(tables.map(({ items }) => items)), "item")}`,
  })),
  queues: look(Queues, "sqs/queues", ({ queues }) => {
    const dead = sum(queues.filter((one) => one.deadLetterOf.length > 0).map(({ ready }) => ready));
    return {
      text: `${plural(queues.length, "queue")}, ${count(sum(queues.map(({ ready }) => ready)))} waiting`,
      ...wrong(dead, plural(dead, "dead letter")),
    };
  }),
  schedules: look(Schedules, "scheduler/schedules", ({ schedules }) => ({
    text: plural(schedules.length, "schedule"),
  })),
  buckets: look(Buckets, "s3/buckets", (buckets) => ({
    text: `${plural(buckets.length, "bucket")}, ${plural(sum(buckets.map(({ objects }) => objects)), "object")}, ${bytes(sum(buckets.map((one) => one.bytes)))}`,
  })),
  mails: look(Inbox, "ses/messages", ({ messages }) => {
    const returned = messages.filter(({ status }) => status === "Bounce" || status === "Complaint").length;
    return { text: plural(messages.length, "message"), ...wrong(returned, `${count(returned)} returned`) };
  }),
  messages: look(Outbox, "sns/outbox", (sent) => {
    const failed = sent.filter(({ status }) => status === "failed").length;
    return { text: `${count(sent.length)} sent`, ...wrong(failed, `${count(failed)} failed`) };
  }),
  connections: look(Total, "execute-api/connections", ({ total }) => ({ text: `${count(total)} open` })),
  buses: look(Rules, "events/rules", ({ buses, rules }) => ({
    text: `${plural(buses.length, "bus", "buses")}, ${plural(rules.length, "rule")}`,
  })),
  users: look(Pools, "cognito-idp/pools", ({ pools }) => ({
    text: `${plural(sum(pools.map(({ total }) => total)), "user")}, ${plural(sum(pools.map((one) => one.sessions)), "open session")}`,
  })),
  secrets: look(v.array(v.unknown()), "secretsmanager/secrets", (secrets) => ({
    text: plural(secrets.length, "secret"),
  })),
  metrics: look(Alarms, "monitoring/alarms", (alarms) => {
    const raised = alarms.filter(({ state }) => state === "ALARM").length;
    return { text: plural(alarms.length, "alarm"), ...wrong(raised, `${count(raised)} raised`) };
  }),
  permissions: look(Report, "permissions", ({ denials }) => {
    const denied = sum(denials.map((denial) => denial.count));
    return {
      text: denied === 0 ? "nothing denied" : plural(denials.length, "refusal"),
      ...wrong(denied, `${count(denied)} denied`),
    };
  }),
};
