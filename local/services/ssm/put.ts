import { runInNewContext } from "node:vm";
import {
  flag,
  JsonFault,
  type JsonInput,
  optionalText,
  outOfBounds,
  structures,
} from "../../kit/json-service.ts";
import type { Operation, Parameter, SsmContext, Version } from "./model.ts";
import { checkName } from "./names.ts";
import { arnOf, find, latest, ssmErrors } from "./parameters.ts";

const TYPES = ["String", "StringList", "SecureString"] as const;
const MOST_VERSIONS = 100;
const SIZES = { Standard: 4_096, Advanced: 8_192 } as const;

const typeOf = (input: JsonInput, known: Version | undefined): Version["type"] => {
  const given = optionalText(input, "Type");
  if (given === undefined) {
    if (known) return known.type;
    throw ssmErrors.validation("A parameter type is required when you create a parameter.");
  }
  const type = TYPES.find((one) => one === given);
  if (!type) throw outOfBounds(given, "type", "satisfy enum value set: [SecureString, StringList, String]");
  if (known && known.type !== type)
    throw new JsonFault(
      "HierarchyTypeMismatchException",
      "Parameter Store doesn't support changing a parameter type in a hierarchy. For example, you can't change a parameter from a String type to a SecureString type. You must create a new, unique parameter.",
    );
  return type;
};

const tierOf = (input: JsonInput, value: string, known: Version | undefined): Version["tier"] => {
  const given = optionalText(input, "Tier");
  if (given !== undefined && !["Standard", "Advanced", "Intelligent-Tiering"].includes(given))
    throw outOfBounds(given, "tier", "satisfy enum value set: [Standard, Advanced, Intelligent-Tiering]");
  const size = Buffer.byteLength(value);
  const needs = size > SIZES.Standard || input.Policies ? "Advanced" : "Standard";
  const tier = given === "Intelligent-Tiering" ? needs : (given ?? known?.tier ?? "Standard");
  if (known?.tier === "Advanced" && given === "Standard")
    throw ssmErrors.validation(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
    );
  if (tier === "Standard" && size > SIZES.Standard)
    throw ssmErrors.validation(
      "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
    );
  if (size > SIZES.Advanced)
    throw ssmErrors.validation(
      "Advanced tier parameters support a maximum parameter value of 8192 characters.",
    );
  return tier === "Advanced" || known?.tier === "Advanced" ? "Advanced" : "Standard";
};

// In a context of its own, so that a pattern that takes for ever is ended, not the cloud.
const matches = (pattern: string, value: string): boolean => {
  try {
    return runInNewContext("new RegExp(pattern).test(value)", { pattern, value }, { timeout: 200 }) === true;
  } catch {
    return false;
  }
};

const checkPattern = (pattern: string | undefined, value: string): void => {
  if (pattern === undefined || pattern === "") return;
  if (pattern.length > 1_024)
    throw outOfBounds("(too long)", "allowedPattern", "length less than or equal to 1024");
  try {
    new RegExp(pattern);
  } catch {
    throw new JsonFault(
      "InvalidAllowedPatternException",
      "The request doesn't meet the regular expression requirement.",
    );
  }
  if (!matches(pattern, value))
    throw new JsonFault(
      "ParameterPatternMismatchException",
      `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    );
};

const policiesOf = (input: JsonInput) => {
  const text = optionalText(input, "Policies");
  if (!text) return undefined;
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw new JsonFault("InvalidPolicyTypeException", "The policy is not valid JSON.");
  }
  const known = ["Expiration", "ExpirationNotification", "NoChangeNotification"];
  const policies = Array.isArray(list)
    ? (list as { Type?: unknown; Attributes?: { Timestamp?: unknown } }[])
    : [];
  if (policies.length === 0 || policies.some((policy) => !known.includes(String(policy?.Type))))
    throw new JsonFault("InvalidPolicyTypeException", "The policy type is not supported.");
  const expires = Date.parse(
    String(policies.find(({ Type }) => Type === "Expiration")?.Attributes?.Timestamp),
  );
  return {
    list: policies.map((policy) => ({ text: JSON.stringify(policy), type: String(policy.Type) })),
    ...(Number.isNaN(expires) ? {} : { expires }),
  };
};

// The oldest version makes room for the newest, unless a label holds it.
const makeRoom = (parameter: Parameter): void => {
  const oldest = parameter.versions[0];
  if (parameter.versions.length < MOST_VERSIONS || !oldest) return;
  if (oldest.labels.length > 0)
    throw new JsonFault(
      "ParameterMaxVersionLimitExceeded",
      `You attempted to create a new version of ${parameter.name} by calling the PutParameter API with the overwrite flag. Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
    );
  parameter.versions.shift();
};

const versionOf = (
  input: JsonInput,
  known: Version | undefined,
  by: { user: string; at: number },
): Version => {
  const value = optionalText(input, "Value");
  if (!value) throw outOfBounds(value ?? "", "value", "length greater than or equal to 1");
  const type = typeOf(input, known);
  const description = optionalText(input, "Description") ?? known?.description;
  if ((description ?? "").length > 1_024)
    throw outOfBounds("(too long)", "description", "length less than or equal to 1024");
  const allowedPattern = optionalText(input, "AllowedPattern") ?? known?.allowedPattern;
  checkPattern(allowedPattern, value);
  const keyId = optionalText(input, "KeyId") ?? known?.keyId ?? "alias/aws/ssm";
  const policies = policiesOf(input);
  return {
    version: (known?.version ?? 0) + 1,
    value,
    type,
    tier: tierOf(input, value, known),
    dataType: optionalText(input, "DataType") ?? known?.dataType ?? "text",
    ...by,
    labels: [],
    ...(description === undefined ? {} : { description }),
    ...(allowedPattern === undefined ? {} : { allowedPattern }),
    ...(type === "SecureString" ? { keyId } : {}),
    ...(policies ? { policies: policies.list } : {}),
  };
};

const tagsOf = (input: JsonInput): Record<string, string> =>
  Object.fromEntries(
    structures(input, "Tags").map((tag) => [
      optionalText(tag, "Key") ?? "",
      optionalText(tag, "Value") ?? "",
    ]),
  );

/** Adds a version to a parameter, or makes it. */
export const put = (
  context: SsmContext,
  input: JsonInput,
  by: { readonly user: string; readonly runtime: boolean; readonly declared?: string },
): { parameter: Parameter; version: Version } => {
  const name = checkName(context, optionalText(input, "Name"));
  const known = find(context, name);
  const tags = tagsOf(input);
  if (known && !flag(input, "Overwrite"))
    throw new JsonFault(
      "ParameterAlreadyExists",
      "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    );
  if (flag(input, "Overwrite") && Object.keys(tags).length > 0)
    throw ssmErrors.validation(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
  const version = versionOf(input, known && latest(known), { user: by.user, at: context.cloud.clock.now() });
  const parameter: Parameter = known ?? { name, versions: [], tags, runtime: by.runtime };
  makeRoom(parameter);
  parameter.versions.push(version);
  if (by.declared !== undefined) parameter.declared = by.declared;
  const expires = policiesOf(input)?.expires;
  if (expires === undefined) delete parameter.expiresAt;
  else parameter.expiresAt = expires;
  context.parameters.set(name, parameter);
  return { parameter, version };
};

/** PutParameter. */
export const putParameter: Operation = async (context, input, request) => {
  const user = request.caller?.roleArn ?? `arn:aws:iam::${context.cloud.graph.accountId}:user/developer`;
  const { parameter, version } = put(context, input, { user, runtime: true });
  await context.ledger.committed();
  return { output: { Version: version.version, Tier: version.tier }, node: arnOf(context, parameter.name) };
};
