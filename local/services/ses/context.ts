import type { Cloud } from "../../kit/cloud.ts";
import type { Task } from "./mail.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Quota } from "./quota.ts";
import type { Settings } from "./state.ts";
import type { Statistics } from "./statistics.ts";

/** One value of a metric that a configuration set publishes to CloudWatch. */
export interface Metric {
  readonly namespace: "AWS/SES";
  /** `Send`, `Delivery`, `Bounce`, … */
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  /** Epoch ms. */
  readonly at: number;
}

/** Takes the metrics of CloudWatch destinations, and of the account. */
export type MetricSink = (metric: Metric) => void;

/** What every operation works on. */
export interface Ses {
  readonly cloud: Cloud;
  readonly settings: Settings;
  readonly mailbox: Mailbox;
  readonly quota: Quota;
  readonly statistics: Statistics;
  readonly metric: MetricSink;
  /** Resolves once changed settings are on disk. */
  save(): Promise<void>;
  /** Keeps a task, and runs it when it is due. */
  later(task: Task): void;
}

/** ARN of something of SES's own. */
export const arnOf = ({ cloud }: Pick<Ses, "cloud">, rest: string): string =>
  `arn:aws:ses:${cloud.graph.region}:${cloud.graph.accountId}:${rest}`;
