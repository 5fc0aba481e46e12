import type { Ledger } from "../../kit/ledger.ts";

/** Something that left for a phone, a device, a mailbox, or an address that is not called. */
export interface Sent {
  /** Rises with each entry. */
  readonly id: number;
  /** Epoch ms. */
  readonly at: number;
  readonly kind: "sms" | "push" | "email" | "http";
  /** Number, endpoint ARN, address or URL. */
  readonly to: string;
  readonly status: "sent" | "failed";
  /** Why it failed. */
  readonly reason?: string;
  readonly messageId: string;
  readonly topicArn?: string;
  readonly subject?: string;
  readonly body: string;
  /** Sender id, platform, token, parts of a text message, … */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** The latest entries, oldest first; older ones are forgotten. */
export interface Outbox {
  add(entry: Omit<Sent, "id">): Sent;
  /** Those after an id, oldest first. */
  after(id: number): readonly Sent[];
}

const MOST_ENTRIES = 500;
const MOST_CHARACTERS = 8_000_000;

/** Opens the outbox. */
export const openOutbox = (ledger: Ledger): Outbox => {
  const table = ledger.table<Sent>("outbox");
  let last = 0;
  let characters = 0;
  for (const entry of table.values()) {
    last = Math.max(last, entry.id);
    characters += entry.body.length;
  }
  const trim = () => {
    for (const entry of table.values()) {
      if (table.size <= MOST_ENTRIES && characters <= MOST_CHARACTERS) return;
      table.delete(String(entry.id));
      characters -= entry.body.length;
    }
  };
  return {
    add(entry) {
      const sent = { ...entry, id: ++last };
      table.set(String(sent.id), sent);
      characters += sent.body.length;
      trim();
      return sent;
    },
    after: (id) => [...table.values()].filter((entry) => entry.id > id),
  };
};
