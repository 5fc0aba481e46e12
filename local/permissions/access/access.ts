import type { Graph } from "../../graph/graph.ts";
import type { AwsRequest } from "../../kit/cloud.ts";

/** One permission a call needs. */
export interface Access {
  /** `dynamodb:PutItem` */
  readonly action: string;
  /** An ARN, or `*` where the action has no resource. */
  readonly resource: string;
  /** Condition keys of the service, worked out only when a condition may ask for one. */
  readonly context?: () => Readonly<Record<string, string | readonly string[]>>;
}

export type Input = Readonly<Record<string, unknown>>;

/** A call as the tables read it. */
export interface ServiceCall {
  readonly operation: string;
  readonly request: AwsRequest;
  readonly graph: Graph;
  readonly region: string;
  readonly account: string;
  /** The parsed body: JSON, or a form with its lists left flat. Empty where it cannot be read. */
  readonly input: Input;
}

/** What an operation needs: every access must be allowed. None at all is free to everybody. */
export type Reader = (call: ServiceCall) => readonly Access[];

/** The operations of one service. */
export type Table = Readonly<Record<string, Reader>>;

/** A JSON value as an object. */
export const record = (value: unknown): Input =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Input) : {};

/** A JSON value as a list. */
export const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A text, or nothing. */
export const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** ARN of a resource of this account and region. */
export const arnOf = ({ region, account }: ServiceCall, service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`;

/** Operations that need the action of their own name on what `resource` finds. */
export const own = (
  prefix: string,
  names: string,
  resource: (call: ServiceCall) => string | readonly string[],
): Table =>
  Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name): [string, Reader] => [
        name,
        (call) => {
          const found = resource(call);
          const all = typeof found === "string" ? [found] : found;
          return all.map((arn) => ({ action: `${prefix}:${name}`, resource: arn }));
        },
      ]),
  );

/** Operations AWS asks no permission for. */
export const free = (names: string): Table =>
  Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name): [string, Reader] => [name, () => []]),
  );

/** For actions without a resource. */
export const anything = (): string => "*";

/** Each different value once. */
export const unique = (values: readonly string[]): string[] => [...new Set(values)];
