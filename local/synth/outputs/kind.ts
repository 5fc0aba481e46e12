import type { Ids } from "../ids.ts";

/** A resource as it is being made: what its outputs are computed from. */
export interface Made {
  /** Pulumi's token, e.g. `aws:sqs/queue:Queue`. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /** Its name in AWS: stated, or made from the logical name as Pulumi does. */
  readonly physical: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly region: string;
  readonly account: string;
  readonly ids: Ids;
  /** Outputs of the resource of that type made earlier under that id. */
  readonly find: (type: string, id: unknown) => Readonly<Record<string, unknown>> | undefined;
}

/** What AWS would compute. `id` is the physical id; the rest are output properties. */
export interface Computed {
  readonly id: string;
  readonly [output: string]: unknown;
}

/** How one type computes its outputs. */
export type Kind = (made: Made) => Computed;

/** `arn:aws:<service>:<region>:<account>:<rest>`. */
export const arn = (made: Made, service: string, rest: string): string =>
  `arn:aws:${service}:${made.region}:${made.account}:${rest}`;

/** An ARN of a service that knows no region. */
export const globalArn = (made: Made, service: string, rest: string): string =>
  `arn:aws:${service}::${made.account}:${rest}`;

/** An input that must be text; empty when it is not. */
export const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Everything starts its life at one moment: a date that moved would change the graph on every evaluation. */
export const born = "2025-01-01T00:00:00Z";
