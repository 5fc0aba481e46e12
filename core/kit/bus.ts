import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { now } from "./clock.ts";

/** A fact another pattern may care about. `type` is `<noun>.<past participle>`, e.g. `link.created`. */
export interface DomainEvent {
  /** Unique and stable over retries: consumers deduplicate by it. */
  readonly id: string;
  readonly type: string;
  /** Pattern that owns the noun, e.g. `shortener`. */
  readonly source: string;
  readonly data: unknown;
}

const MAX_ENTRIES = 10; // PutEvents takes 10 entries a call
const MAX_ATTEMPTS = 4;

let shared: EventBridgeClient | undefined;

/** Publishes all events or throws: entries the bus refused are sent again, only those. */
export const publish = async (busName: string, events: readonly DomainEvent[]): Promise<void> => {
  shared ??= new EventBridgeClient({});
  for (let start = 0; start < events.length; start += MAX_ENTRIES) {
    await publishTen(shared, busName, events.slice(start, start + MAX_ENTRIES));
  }
};

const publishTen = async (client: EventBridgeClient, busName: string, events: readonly DomainEvent[]) => {
  let left = events;
  for (let attempt = 1; left.length > 0; attempt++) {
    const answer = await client.send(
      new PutEventsCommand({ Entries: left.map((event) => toEntry(busName, event)) }),
    );
    const refused = left.filter((_, index) => answer.Entries?.[index]?.ErrorCode !== undefined);
    if (refused.length > 0 && attempt === MAX_ATTEMPTS) {
      throw new Error(`The event bus refused ${refused.length} of ${events.length} events`);
    }
    left = refused;
  }
};

const toEntry = (busName: string, event: DomainEvent) => ({
  EventBusName: busName,
  Source: `tenfold.${event.source}`,
  DetailType: event.type,
  Detail: JSON.stringify({ id: event.id, at: new Date(now()).toISOString(), data: event.data }),
});
