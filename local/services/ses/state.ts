/** Feedback that an identity may send to topics by itself. */
export type Feedback = "Bounce" | "Complaint" | "Delivery";

/** Why an address is on a suppression list. */
export type Reason = "BOUNCE" | "COMPLAINT";

/** Names of events in the API: `MatchingEventTypes`. */
export const EVENT_TYPES = [
  "SEND",
  "REJECT",
  "BOUNCE",
  "COMPLAINT",
  "DELIVERY",
  "OPEN",
  "CLICK",
  "RENDERING_FAILURE",
  "DELIVERY_DELAY",
  "SUBSCRIPTION",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** A sender that SES knows. */
export interface Identity {
  readonly name: string;
  readonly type: "EMAIL_ADDRESS" | "DOMAIN";
  verified: boolean;
  configurationSet?: string;
  forwarding: boolean;
  topics: Partial<Record<Feedback, string>>;
  /** Which feedback tells the original headers. */
  headersIn: Partial<Record<Feedback, boolean>>;
  mailFrom?: { domain: string; behavior: string };
  readonly dkimTokens: readonly string[];
  tags: Tag[];
  /** Stated by a stack: read from the graph at each start, and never kept. */
  readonly stated?: true;
}

/** One dimension of the metrics that a destination publishes. */
export interface Dimension {
  readonly name: string;
  readonly source: string;
  readonly fallback: string;
}

/** Where events of a configuration set go. */
export interface EventDestination {
  readonly name: string;
  enabled: boolean;
  types: EventType[];
  topicArn?: string;
  busArn?: string;
  dimensions?: Dimension[];
}

/** Options as the API shows them, by name: `TrackingOptions`, `DeliveryOptions`, … */
export type Options = Record<string, Record<string, unknown>>;

export interface ConfigurationSet {
  readonly name: string;
  sending: boolean;
  /** Undefined leaves it to the account. */
  suppressedReasons?: Reason[];
  options: Options;
  readonly destinations: Map<string, EventDestination>;
  tags: Tag[];
  readonly stated?: true;
}

export interface Template {
  readonly name: string;
  readonly subject?: string;
  readonly html?: string;
  readonly text?: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly stated?: true;
}

export interface Suppressed {
  readonly address: string;
  readonly reason: Reason;
  /** Epoch ms. */
  readonly at: number;
  readonly messageId?: string;
  readonly feedbackId?: string;
}

/** A topic as the API shows it. */
export interface Topic {
  readonly TopicName: string;
  readonly DisplayName: string;
  readonly Description?: string;
  readonly DefaultSubscriptionStatus: "OPT_IN" | "OPT_OUT";
}

export interface Contact {
  readonly address: string;
  preferences: Record<string, "OPT_IN" | "OPT_OUT">;
  unsubscribedAll: boolean;
  attributes?: string;
  readonly createdAt: number;
  updatedAt: number;
}

export interface ContactList {
  readonly name: string;
  description?: string;
  topics: Topic[];
  readonly contacts: Map<string, Contact>;
  readonly createdAt: number;
  updatedAt: number;
  readonly stated?: true;
}

export interface Account {
  sending: boolean;
  /** False is the sandbox: recipients must be verified too. */
  production: boolean;
  /** Messages a second, and in 24 hours; -1 is no limit, as in AWS. */
  rate: number;
  quota: number;
  suppressedReasons: Reason[];
  details?: Record<string, unknown>;
}

/** Everything SES is set up with. */
export interface Settings {
  readonly account: Account;
  readonly identities: Map<string, Identity>;
  readonly sets: Map<string, ConfigurationSet>;
  readonly templates: Map<string, Template>;
  readonly suppressed: Map<string, Suppressed>;
  readonly lists: Map<string, ContactList>;
  /** Signs links of tracked messages, hex. */
  readonly secret: string;
}
