import type { Bus } from "./buses.ts";
import { busName } from "./buses.ts";
import { EventsError } from "./errors.ts";
import { type EventsContext, envelope, routeLater } from "./route.ts";

/** Bytes of all entries of one request: 1 MiB since January 2026, 256 KiB before. */
const REQUEST_BYTES = 1_048_576;

type Entry = Readonly<Record<string, unknown>>;

/** PutEvents: each entry is taken or refused by itself; targets are reached after the answer. */
export const putEvents = (context: EventsContext, input: Entry, requestTrace: string | undefined): object => {
  const entries = Array.isArray(input.Entries) ? (input.Entries as Entry[]) : [];
  if (entries.length < 1 || entries.length > 10)
    throw new EventsError(
      "ValidationException",
      `1 validation error detected: Value '[PutEventsRequestEntry]' at 'entries' failed to satisfy constraint: Member must have length ${entries.length < 1 ? "greater than or equal to 1" : "less than or equal to 10"}`,
    );
  if (
    !entries.every((entry: unknown) => typeof entry === "object" && entry !== null && !Array.isArray(entry))
  )
    throw new EventsError("SerializationException", "Start of structure or map found where not expected.");
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > REQUEST_BYTES)
    throw new EventsError(
      "ValidationException",
      "Total size of the entries in the request is over the limit.",
    );
  const results = entries.map((entry) => putOne(context, entry, requestTrace));
  return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
};

// As the user guide computes it: "Calculating PutEvents event entry size".
const sizeOf = (entry: Entry): number => {
  const resources = Array.isArray(entry.Resources) ? entry.Resources : [];
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...resources];
  return texts.reduce<number>(
    (sum, text) => sum + (typeof text === "string" ? Buffer.byteLength(text) : 0),
    entry.Time === undefined ? 0 : 14,
  );
};

const refused = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });

const putOne = (
  context: EventsContext,
  entry: Entry,
  requestTrace: string | undefined,
): { EventId: string } | { ErrorCode: string; ErrorMessage: string } => {
  for (const name of ["Source", "DetailType", "Detail"])
    if (typeof entry[name] !== "string" || entry[name] === "")
      return refused(
        "InvalidArgument",
        `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      );
  if (String(entry.Source).startsWith("aws."))
    return refused("NotAuthorizedForSourceException", "Not authorized for the source.");
  const detail = parseObject(String(entry.Detail));
  if (!detail) return refused("MalformedDetail", "Detail is malformed.");
  const event = envelope(context.cloud, {
    source: entry.Source,
    detailType: entry.DetailType,
    detail,
    ...(Array.isArray(entry.Resources) ? { resources: entry.Resources.map(String) } : {}),
    ...(typeof entry.Time === "number" ? { atMs: entry.Time * 1000 } : {}),
  });
  const bus = findBus(context, entry.EventBusName);
  const trace = typeof entry.TraceHeader === "string" ? entry.TraceHeader : requestTrace;
  if (bus) routeLater(context, bus, { event, ...(trace ? { trace } : {}) });
  return { EventId: String(event.id) };
};

// AWS takes events for a bus that does not exist and drops them; at least the terminal shall say so.
const findBus = ({ cloud, buses }: EventsContext, name: unknown): Bus | undefined => {
  const bus = buses.get(busName(name));
  if (!bus)
    cloud.print(`✗ PutEvents: there is no event bus "${busName(name)}": the event is dropped, as in AWS`);
  return bus;
};

const parseObject = (text: string): object | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
