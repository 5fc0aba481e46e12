import { randomUUID } from "node:crypto";
import { JsonFault, type JsonInput, optionalText } from "../../kit/json-service.ts";
import type { Secret, SecretsContext, Version } from "./model.ts";

/** Errors by the name of what went wrong. */
export const secretErrors = {
  none: () => new JsonFault("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
  noValue: (what: string) =>
    new JsonFault(
      "ResourceNotFoundException",
      `Secrets Manager can't find the specified secret value for ${what}`,
    ),
  request: (message: string) => new JsonFault("InvalidRequestException", message),
  parameter: (message: string) => new JsonFault("InvalidParameterException", message),
  validation: (message: string) => new JsonFault("ValidationException", message),
  exists: (message: string) => new JsonFault("ResourceExistsException", message),
  limit: (message: string) => new JsonFault("LimitExceededException", message),
} as const;

/** Finds a secret by name, ARN, or an ARN without its last seven characters. */
export const findSecret = (context: Pick<SecretsContext, "secrets">, id: string): Secret | undefined => {
  const exact = context.secrets.get(id);
  if (exact) return exact;
  for (const secret of context.secrets.values())
    if (secret.name === id || secret.arn.slice(0, -7) === id) return secret;
  return undefined;
};

/** The secret the input names, deleted or not. */
export const anySecret = (context: SecretsContext, input: JsonInput): Secret => {
  const id = optionalText(input, "SecretId");
  if (!id) throw secretErrors.parameter("You must provide a value for the SecretId parameter.");
  const secret = findSecret(context, id);
  if (!secret) throw secretErrors.none();
  return secret;
};

/** The secret the input names, which must not be deleted. */
export const liveSecret = (context: SecretsContext, input: JsonInput): Secret => {
  const secret = anySecret(context, input);
  if (secret.deletedAt !== undefined)
    throw secretErrors.request(
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  return secret;
};

/** Keeps a secret as it now is. */
export const keep = async (context: SecretsContext, secret: Secret): Promise<void> => {
  context.secrets.set(secret.arn, secret);
  await context.ledger.committed();
};

/** A version by its id, which may be any text of a caller's. */
export const versionOf = (secret: Secret, id: string): Version | undefined =>
  Object.hasOwn(secret.versions, id) ? secret.versions[id] : undefined;

/** The version that bears a stage. */
export const staged = (secret: Secret, stage: string): Version | undefined =>
  Object.values(secret.versions).find(({ stages }) => stages.includes(stage));

/** Takes a stage from whichever version bears it, and gives it to another. What AWSCURRENT leaves becomes AWSPREVIOUS. */
export const moveStage = (secret: Secret, stage: string, to: Version | undefined): void => {
  const from = staged(secret, stage);
  if (from === to) return;
  if (from) from.stages = from.stages.filter((one) => one !== stage);
  to?.stages.push(stage);
  if (stage === "AWSCURRENT" && from) moveStage(secret, "AWSPREVIOUS", from);
};

/** Characters of a value, and versions without a stage that are kept beside those that have one. */
const LONGEST = 65_536;
const MOST_DEPRECATED = 100;

/** The value an input states: text or bytes, not both. */
export const givenValue = (input: JsonInput): Pick<Version, "string" | "binary"> => {
  const [string, binary] = [optionalText(input, "SecretString"), optionalText(input, "SecretBinary")];
  if (string !== undefined && binary !== undefined)
    throw secretErrors.parameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  const bytes = Buffer.byteLength(string ?? "") + Buffer.byteLength(binary ?? "", "base64");
  if (bytes > LONGEST)
    throw secretErrors.validation(
      `1 validation error detected: Value at '${string === undefined ? "secretBinary" : "secretString"}' failed to satisfy constraint: Member must have length less than or equal to ${LONGEST}`,
    );
  if (string !== undefined) return { string };
  return binary === undefined ? {} : { binary };
};

/** The id of a version to be: what the caller stated, so that its retry makes no second one. */
export const tokenOf = (input: JsonInput): string => {
  const token = optionalText(input, "ClientRequestToken") ?? randomUUID();
  if (token.length < 32 || token.length > 64)
    throw secretErrors.parameter("ClientRequestToken must be 32-64 characters long.");
  return token;
};

const sameValue = (a: Pick<Version, "string" | "binary">, b: Pick<Version, "string" | "binary">) =>
  a.string === b.string && a.binary === b.binary;

/** Adds a version, or finds that a retry already has. */
export const addVersion = (
  secret: Secret,
  version: {
    readonly id: string;
    readonly value: Pick<Version, "string" | "binary">;
    readonly stages: readonly string[];
    readonly now: number;
  },
): Version => {
  const known = secret.versions[version.id];
  const pendingWithout = known && known.string === undefined && known.binary === undefined;
  if (known && !pendingWithout && !sameValue(known, version.value))
    throw secretErrors.exists(
      `You can't use ClientRequestToken ${version.id} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  if (known && !pendingWithout) return known;
  const added: Version = Object.assign(
    known ?? { id: version.id, stages: [], createdAt: version.now },
    version.value,
  );
  secret.versions[version.id] = added;
  for (const stage of version.stages) moveStage(secret, stage, added);
  // The first value of a secret is its current one, whatever it is called besides.
  if (!staged(secret, "AWSCURRENT")) moveStage(secret, "AWSCURRENT", added);
  secret.changedAt = version.now;
  prune(secret);
  return added;
};

const prune = (secret: Secret): void => {
  const deprecated = Object.values(secret.versions)
    .filter(({ stages }) => stages.length === 0)
    .sort((a, b) => b.createdAt - a.createdAt);
  for (const { id } of deprecated.slice(MOST_DEPRECATED)) delete secret.versions[id];
};

/** Seconds since the epoch, as the protocol writes times. */
export const seconds = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : ms / 1000;

/** What most operations answer. */
export const receipt = (secret: Secret, versionId?: string) => ({
  output: {
    ARN: secret.arn,
    Name: secret.name,
    ...(versionId === undefined ? {} : { VersionId: versionId }),
  },
  node: secret.arn,
});
