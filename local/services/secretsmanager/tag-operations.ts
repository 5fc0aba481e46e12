import { type JsonInput, optionalText, structures, textList } from "../../kit/json-service.ts";
import type { Operation } from "./model.ts";
import { anySecret, keep, liveSecret, receipt, secretErrors } from "./secrets.ts";

/** Reads tags. */
export const tagsOf = (input: JsonInput): Record<string, string> => {
  const tags = Object.fromEntries(
    structures(input, "Tags").map((tag) => [
      optionalText(tag, "Key") ?? "",
      optionalText(tag, "Value") ?? "",
    ]),
  );
  if ("" in tags || Object.keys(tags).some((key) => key.startsWith("aws:")))
    throw secretErrors.parameter("A tag's key is empty or begins with aws:.");
  return tags;
};

/** Refuses more tags than a secret may have. */
export const checkTags = (tags: Record<string, string>) => {
  if (Object.keys(tags).length > 50) throw secretErrors.parameter("A secret has 50 tags at most.");
  return tags;
};

const policyText = (input: JsonInput): string => {
  const policy = optionalText(input, "ResourcePolicy") ?? "";
  try {
    if (Array.isArray((JSON.parse(policy) as { Statement?: unknown }).Statement)) return policy;
  } catch {
    // worded below
  }
  throw secretErrors.parameter("This resource policy contains invalid Json");
};

/** Operations on tags and resource policies. */
export const tagOperations: Readonly<Record<string, Operation>> = {
  async TagResource(context, input) {
    const secret = liveSecret(context, input);
    secret.tags = checkTags({ ...secret.tags, ...tagsOf(input) });
    await keep(context, secret);
    return { output: {}, node: secret.arn };
  },
  async UntagResource(context, input) {
    const secret = liveSecret(context, input);
    const gone = new Set(textList(input, "TagKeys"));
    secret.tags = Object.fromEntries(Object.entries(secret.tags).filter(([key]) => !gone.has(key)));
    await keep(context, secret);
    return { output: {}, node: secret.arn };
  },
  GetResourcePolicy(context, input) {
    const secret = anySecret(context, input);
    const { output } = receipt(secret);
    return {
      output: { ...output, ...(secret.policy ? { ResourcePolicy: secret.policy } : {}) },
      node: secret.arn,
    };
  },
  async PutResourcePolicy(context, input) {
    const secret = liveSecret(context, input);
    secret.policy = policyText(input);
    await keep(context, secret);
    return receipt(secret);
  },
  async DeleteResourcePolicy(context, input) {
    const secret = liveSecret(context, input);
    delete secret.policy;
    await keep(context, secret);
    return receipt(secret);
  },
};
