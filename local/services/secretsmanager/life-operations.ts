import { randomBytes } from "node:crypto";
import { flag, type JsonInput, optionalInteger, optionalText } from "../../kit/json-service.ts";
import type { Operation, Secret, SecretsContext } from "./model.ts";
import {
  addVersion,
  anySecret,
  findSecret,
  givenValue,
  keep,
  liveSecret,
  receipt,
  seconds,
  secretErrors,
  tokenOf,
} from "./secrets.ts";
import { checkTags, tagsOf } from "./tag-operations.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const DAY_MS = 86_400_000;

const newArn = ({ cloud }: SecretsContext, name: string): string => {
  const suffix = [...randomBytes(6)].map((byte) => LETTERS[byte % LETTERS.length]).join("");
  return `arn:aws:secretsmanager:${cloud.graph.region}:${cloud.graph.accountId}:secret:${name}-${suffix}`;
};

const checkText = (input: JsonInput): void => {
  if ((optionalText(input, "Description") ?? "").length > 2_048)
    throw secretErrors.validation(
      "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to 2048",
    );
  optionalText(input, "KmsKeyId");
};

const setText = (secret: Secret, input: JsonInput): void => {
  const [description, kmsKeyId] = [optionalText(input, "Description"), optionalText(input, "KmsKeyId")];
  if (description !== undefined) secret.description = description;
  if (kmsKeyId !== undefined) secret.kmsKeyId = kmsKeyId;
};

const checkNew = (context: SecretsContext, name: string | undefined): string => {
  if (!name || !/^[\w/+=.@!-]{1,512}$/.test(name))
    throw secretErrors.validation(
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    );
  const existing = findSecret(context, name);
  if (existing?.deletedAt !== undefined)
    throw secretErrors.request(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  return name;
};

const createSecret: Operation = async (context, input) => {
  const name = checkNew(context, optionalText(input, "Name"));
  checkText(input);
  const [value, id, now] = [givenValue(input), tokenOf(input), context.cloud.clock.now()];
  const empty = value.string === undefined && value.binary === undefined;
  const existing = findSecret(context, name);
  const retried = existing?.versions[id];
  // A caller that did not hear the answer asks again, with the same token.
  if (existing && retried && retried.string === value.string && retried.binary === value.binary)
    return receipt(existing, id);
  if (existing) throw secretErrors.exists(`The operation failed because the secret ${name} already exists.`);
  const secret: Secret = {
    arn: newArn(context, name),
    name,
    tags: checkTags(tagsOf(input)),
    versions: {},
    createdAt: now,
    changedAt: now,
    runtime: true,
  };
  setText(secret, input);
  if (!empty) addVersion(secret, { id, value, stages: ["AWSCURRENT"], now });
  await keep(context, secret);
  return receipt(secret, empty ? undefined : id);
};

const updateSecret: Operation = async (context, input) => {
  const secret = liveSecret(context, input);
  checkText(input);
  const [value, id, now] = [givenValue(input), tokenOf(input), context.cloud.clock.now()];
  const empty = value.string === undefined && value.binary === undefined;
  if (!empty) addVersion(secret, { id, value, stages: ["AWSCURRENT"], now });
  setText(secret, input);
  secret.changedAt = now;
  await keep(context, secret);
  return receipt(secret, empty ? undefined : id);
};

/** Removes a deleted secret for good once its window has passed. */
export const removeLater = (context: SecretsContext, { arn, goneAt }: Secret): void => {
  if (goneAt === undefined) return;
  context.cloud.clock.after(Math.max(0, goneAt - context.cloud.clock.now()), () => {
    // Restored and deleted again, it has another time.
    if (context.secrets.get(arn)?.goneAt === goneAt) context.secrets.delete(arn);
  });
};

const deleteSecret: Operation = async (context, input) => {
  const force = flag(input, "ForceDeleteWithoutRecovery");
  const days = optionalInteger(input, "RecoveryWindowInDays");
  if (force && days !== undefined)
    throw secretErrors.parameter(
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    );
  if (days !== undefined && (days < 7 || days > 30))
    throw secretErrors.parameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
  const now = context.cloud.clock.now();
  const secret = force ? anySecret(context, input) : liveSecret(context, input);
  secret.deletedAt = now;
  secret.goneAt = force ? now : now + (days ?? 30) * DAY_MS;
  await keep(context, secret);
  if (force) context.secrets.delete(secret.arn);
  else removeLater(context, secret);
  await context.ledger.committed();
  return {
    output: { ARN: secret.arn, Name: secret.name, DeletionDate: seconds(secret.goneAt) },
    node: secret.arn,
  };
};

const restoreSecret: Operation = async (context, input) => {
  const secret = anySecret(context, input);
  delete secret.deletedAt;
  delete secret.goneAt;
  await keep(context, secret);
  return receipt(secret);
};

/** Operations on secrets as wholes. */
export const lifeOperations: Readonly<Record<string, Operation>> = {
  CreateSecret: createSecret,
  UpdateSecret: updateSecret,
  DeleteSecret: deleteSecret,
  RestoreSecret: restoreSecret,
};
