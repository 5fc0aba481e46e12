import { listOf, type QueryFields, textOf } from "../../kit/query.ts";
import { arnOf, topicOf } from "./arn.ts";
import { SnsError, snsErrors } from "./errors.ts";
import type { Operation, SnsContext } from "./model.ts";
import { type Draft, draft, LARGEST_MESSAGE, publishTo, type Receipt } from "./publish.ts";
import { isPhoneNumber, LONGEST_SMS } from "./sms.ts";

const toPhone: Operation = (context, input, request) => {
  const number = textOf(input, "PhoneNumber") ?? "";
  if (!isPhoneNumber(number)) throw snsErrors.invalid("PhoneNumber", `${number} is not valid to publish to`);
  const { message } = draft(context, undefined, input, request);
  const text = message.texts?.sms ?? message.text;
  if (text.length > LONGEST_SMS) throw snsErrors.invalid("Message too long");
  context.texter.send(number, message);
  return { result: { MessageId: message.id } };
};

const toEndpoint = (
  context: SnsContext,
  arn: string,
  ...[input, request]: Parameters<typeof toPhone> extends [unknown, ...infer R] ? R : never
) => {
  const endpoint = context.registry.endpoints.get(arn);
  const platform = endpoint && context.registry.platforms.get(endpoint.platformArn);
  if (!endpoint || !platform)
    throw snsErrors.invalid("TargetArn", "No endpoint found for the target arn specified");
  const { message } = draft(context, undefined, input, request);
  if (platform.attributes.Enabled === "false") throw snsErrors.platformDisabled();
  if (endpoint.attributes.Enabled === "false") throw snsErrors.endpointDisabled();
  // What the platform says comes later: this call has succeeded by then.
  context.pushes.send(arn, message);
  return { result: { MessageId: message.id }, node: platform.arn };
};

const publish: Operation = (context, input, request) => {
  if (textOf(input, "PhoneNumber") !== undefined) return toPhone(context, input, request);
  const name = textOf(input, "TopicArn") === undefined ? "TargetArn" : "TopicArn";
  if (textOf(input, name) === undefined) throw snsErrors.missing("TopicArn or TargetArn");
  const arn = arnOf(context, input, name);
  if (arn.split(":")[5]?.startsWith("endpoint/")) return toEndpoint(context, arn, input, request);
  const topic = topicOf(context, input, name);
  const { message } = draft(context, topic, input, request);
  return { result: { ...publishTo(context, topic, message) }, node: topic.arn };
};

const ENTRY_ID = /^[\w-]{1,80}$/;

const entriesOf = (input: QueryFields): readonly QueryFields[] => {
  const given = listOf(input, "PublishBatchRequestEntries").map((entry) =>
    typeof entry === "object" && !Array.isArray(entry) ? (entry as QueryFields) : {},
  );
  if (given.length === 0)
    throw new SnsError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
  if (given.length > 10)
    throw new SnsError(
      "TooManyEntriesInBatchRequest",
      "The batch request contains more entries than permissible.",
    );
  const ids = given.map((entry) => textOf(entry, "Id") ?? "");
  if (ids.some((id) => !ENTRY_ID.test(id)))
    throw new SnsError(
      "InvalidBatchEntryId",
      "The Id of a batch entry in a batch request doesn't abide by the specification.",
    );
  if (new Set(ids).size < ids.length)
    throw new SnsError(
      "BatchEntryIdsNotDistinct",
      "Two or more batch entries in the request have the same Id.",
    );
  return given;
};

// Some mistakes AWS answers for the whole batch, before anything is published; the others are an entry's own.
const OWN =
  /^Invalid parameter: (Empty message|Subject|MessageStructure|MessageGroupId|MessageDeduplicationId)/;

const publishBatch: Operation = (context, input, request) => {
  const topic = topicOf(context, input);
  const given = entriesOf(input);
  const drafts = given.map((entry, index): Draft | SnsError => {
    try {
      return draft(context, topic, entry, request, `publishBatchRequestEntries.${index + 1}.member.`);
    } catch (error) {
      if (error instanceof SnsError && OWN.test(error.message)) return error;
      throw error;
    }
  });
  const size = drafts.reduce((sum, one) => sum + (one instanceof SnsError ? 0 : one.size), 0);
  if (size > LARGEST_MESSAGE)
    throw new SnsError(
      "BatchRequestTooLong",
      "The length of all the messages put together is more than the limit.",
    );
  const Successful: ({ Id: string } & Receipt)[] = [];
  const Failed: { Id: string; Code: string; Message: string; SenderFault: boolean }[] = [];
  for (const [index, one] of drafts.entries()) {
    const Id = textOf(given[index] ?? {}, "Id") ?? "";
    if (one instanceof SnsError) Failed.push({ Id, Code: one.code, Message: one.message, SenderFault: true });
    else Successful.push({ Id, ...publishTo(context, topic, one.message) });
  }
  return { result: { Successful: Successful.map((one) => ({ ...one })), Failed }, node: topic.arn };
};

/** Publish and PublishBatch. */
export const publishOperations: Readonly<Record<string, Operation>> = {
  Publish: publish,
  PublishBatch: publishBatch,
};
