import type { Clock } from "../../kit/clock.ts";
import type { AwsRequest, Cloud } from "../../kit/cloud.ts";
import type { Ledger, Table } from "../../kit/ledger.ts";
import type { QueryFields, QueryResult } from "../../kit/query.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Caller } from "./http.ts";
import type { Outbox } from "./outbox.ts";
import type { Announce, Pushes } from "./push.ts";
import type { Registry } from "./registry.ts";
import type { Signer } from "./signing.ts";
import type { Texter } from "./sms.ts";

/** Attributes by AWS's names, as the API reads and writes them. */
export type Attributes = Record<string, string>;

export interface Topic {
  readonly arn: string;
  readonly name: string;
  readonly fifo: boolean;
  /** What was set; defaults are not among them. */
  attributes: Attributes;
  tags: Record<string, string>;
  deletedSubscriptions: number;
  /** Made by the API: it is kept, where the graph's are read again at each start. */
  readonly runtime: boolean;
}

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly principal: string;
  attributes: Attributes;
  pending: boolean;
  /** Whether the confirmation was signed. */
  authenticated: boolean;
  /** Whether only a signed call may unsubscribe. */
  authenticateOnUnsubscribe: boolean;
  token?: string;
  /** Epoch ms; an unconfirmed subscription is gone after two days. */
  readonly createdAt: number;
  readonly runtime: boolean;
}

/** A mobile platform's credentials, and the devices known to it. */
export interface Platform {
  readonly arn: string;
  readonly name: string;
  /** `APNS`, `GCM`, … */
  readonly kind: string;
  attributes: Attributes;
  readonly runtime: boolean;
}

export interface Endpoint {
  readonly arn: string;
  readonly platformArn: string;
  /** Token, Enabled, CustomUserData. */
  attributes: Attributes;
}

/** A message attribute; binary values are base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** A message that was accepted. */
export interface Message {
  readonly id: string;
  /** Undefined for a message to one phone or device. */
  readonly topicArn?: string;
  readonly text: string;
  /** Texts by protocol or platform, of a message whose structure is `json`. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly subject?: string;
  readonly attributes: MessageAttributes;
  /** Epoch ms. */
  readonly at: number;
  readonly trace?: string;
  readonly groupId?: string;
  readonly dedupId?: string;
  readonly sequence?: string;
  readonly signatureVersion: "1" | "2";
}

/** What every operation works on. */
export interface SnsContext {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly registry: Registry;
  readonly outbox: Outbox;
  readonly signer: Signer;
  readonly caller: Caller;
  readonly texter: Texter;
  readonly pushes: Pushes;
  /** Tells of what became of endpoints. */
  readonly announce: Announce;
  readonly deliveries: Deliveries;
  /** FIFO messages seen within five minutes. */
  readonly seen: Table<{ readonly id: string; readonly sequence: string; readonly at: number }>;
  /** The last sequence number of each FIFO topic. */
  readonly sequences: Table<string>;
  /** Phones that answered STOP, and when, epoch ms. */
  readonly optedOut: Table<number>;
  /** When a phone was last opted in, epoch ms. */
  readonly optedIn: Table<number>;
  /** SMS settings of the account. */
  readonly smsSettings: Table<string>;
}

/** What an operation answers, and the resource it touched. */
export interface Answer {
  readonly result?: { readonly [name: string]: QueryResult };
  /** ARN, for the map. */
  readonly node?: string;
}

/** One API operation. */
export type Operation = (
  context: SnsContext,
  input: QueryFields,
  request: AwsRequest,
) => Answer | Promise<Answer>;
