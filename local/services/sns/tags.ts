import { listOf, type QueryFields, textOf } from "../../kit/query.ts";
import { arnOf } from "./arn.ts";
import { snsErrors } from "./errors.ts";
import type { Operation, SnsContext, Topic } from "./model.ts";

const MOST_TAGS = 50;

/** Reads a list of tags. */
export const readTags = (input: QueryFields): Record<string, string> => {
  const given = listOf(input, "Tags").map((tag): [string, string] => {
    const fields = (typeof tag === "object" && !Array.isArray(tag) ? tag : {}) as QueryFields;
    const [key, value] = [textOf(fields, "Key") ?? "", textOf(fields, "Value") ?? ""];
    if (key === "" || key.length > 128 || value.length > 256 || key.startsWith("aws:"))
      throw snsErrors.invalid("Tags", `Tag ${key.slice(0, 128)} is not valid`);
    return [key, value];
  });
  const tags = Object.fromEntries(given);
  if (Object.keys(tags).length < given.length) throw snsErrors.invalid("Duplicated keys are not allowed.");
  return tags;
};

const resourceOf = (context: SnsContext, input: QueryFields): Topic => {
  const topic = context.registry.topics.get(arnOf(context, input, "ResourceArn"));
  if (!topic) throw snsErrors.noResource();
  return topic;
};

const save = (context: SnsContext, topic: Topic, tags: Record<string, string>) => {
  if (Object.keys(tags).length > MOST_TAGS) throw snsErrors.tooManyTags();
  context.registry.saveTopic(Object.assign(topic, { tags }));
  return { result: {}, node: topic.arn };
};

/** Operations on tags. */
export const tagOperations: Readonly<Record<string, Operation>> = {
  TagResource(context, input) {
    const topic = resourceOf(context, input);
    return save(context, topic, { ...topic.tags, ...readTags(input) });
  },
  UntagResource(context, input) {
    const topic = resourceOf(context, input);
    const gone = new Set(listOf(input, "TagKeys"));
    return save(
      context,
      topic,
      Object.fromEntries(Object.entries(topic.tags).filter(([key]) => !gone.has(key))),
    );
  },
  ListTagsForResource(context, input) {
    const topic = resourceOf(context, input);
    return {
      result: { Tags: Object.entries(topic.tags).map(([Key, Value]) => ({ Key, Value })) },
      node: topic.arn,
    };
  },
};
