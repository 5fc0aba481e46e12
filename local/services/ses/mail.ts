import type { Header } from "./mime-headers.ts";

/** What befell a message, and whom it concerns. */
export interface MailEvent {
  /** As events name it: `Delivery`, `Rendering Failure`, … */
  readonly type: EventName;
  /** Epoch ms. */
  readonly at: number;
  readonly recipients: readonly string[];
  /** The part of its own: `{ bounceType, … }`. */
  readonly record: Readonly<Record<string, unknown>>;
}

export type EventName =
  | "Send"
  | "Reject"
  | "Bounce"
  | "Complaint"
  | "Delivery"
  | "Open"
  | "Click"
  | "Rendering Failure"
  | "DeliveryDelay"
  | "Subscription";

/** An accepted message: its envelope, and what events tell of it. The message itself lies beside. */
export interface Mail {
  readonly id: string;
  /** `SendEmail`, `SendTemplatedEmail`, … */
  readonly operation: string;
  /** Epoch ms. */
  readonly at: number;
  /** As given: `Sender Name <sender@example.com>`. */
  readonly source: string;
  readonly sourceArn: string;
  readonly caller: string;
  readonly destination: readonly string[];
  readonly headers: readonly Header[];
  readonly common: Readonly<Record<string, string | readonly string[]>>;
  readonly configurationSet?: string;
  readonly tags: Readonly<Record<string, readonly string[]>>;
  /** Bytes of the whole message; 0 when it could not be rendered. */
  readonly size: number;
  readonly template?: string;
  /** True for a message whose bytes are its sender's own. */
  readonly raw?: boolean;
  readonly trace?: string;
  readonly list?: { readonly name: string; readonly topic?: string };
  /** Whether its HTML tells when it is opened, and its links when they are followed. */
  readonly tracks: { readonly open: boolean; readonly click: boolean };
  /** The first link, for a reader who is simulated. */
  readonly link?: string;
  readonly events: MailEvent[];
}

/** What happens to a message next. */
export type StepName =
  | "deliver"
  | "bounce"
  | "unknownDomain"
  | "softBounce"
  | "suppressed"
  | "onAccountList"
  | "unsubscribed"
  | "complaintOnList"
  | "complain"
  | "delay"
  | "reply"
  | "open"
  | "click";

interface Waiting {
  readonly id: string;
  /** Epoch ms. */
  readonly due: number;
}

/** A step of one recipient's message. */
export interface Step extends Waiting {
  readonly kind: "step";
  readonly mailId: string;
  readonly step: StepName;
  readonly recipient: string;
}

/** An event on its way to where a configuration set or an identity sends it. */
export interface Publication extends Waiting {
  readonly kind: "publish";
  readonly targetArn: string;
  readonly sourceArn: string;
  readonly body: string;
  readonly trace?: string;
}

/** What is still to be done, and survives a restart. */
export type Task = Step | Publication;
