import type { Caller } from "../../kit/credentials.ts";
import {
  JsonFault,
  type JsonInput,
  optionalInteger,
  optionalText,
  structures,
  textList,
} from "../../kit/json-service.ts";
import { listed } from "./listing.ts";
import type { Operation, Secret, SecretsContext, Version } from "./model.ts";
import {
  addVersion,
  findSecret,
  givenValue,
  keep,
  liveSecret,
  moveStage,
  seconds,
  secretErrors,
  staged,
  tokenOf,
  versionOf,
} from "./secrets.ts";

const pick = (secret: Secret, input: JsonInput): Version => {
  const id = optionalText(input, "VersionId");
  const stage = optionalText(input, "VersionStage");
  const found = id === undefined ? staged(secret, stage ?? "AWSCURRENT") : versionOf(secret, id);
  if (id !== undefined && stage !== undefined && found && !found.stages.includes(stage))
    throw secretErrors.request(
      "You provided a VersionStage that is not associated to the provided VersionId.",
    );
  if (!found || (found.string === undefined && found.binary === undefined))
    throw secretErrors.noValue(
      id === undefined ? `staging label: ${stage ?? "AWSCURRENT"}` : `VersionId: ${id}`,
    );
  return found;
};

const DAY_MS = 86_400_000;

const read = (context: SecretsContext, secret: Secret, input: JsonInput) => {
  const version = pick(secret, input);
  // To the day, as AWS tells it: and so a secret that is read all day is written once.
  const day = Math.floor(context.cloud.clock.now() / DAY_MS) * DAY_MS;
  if (secret.accessedAt !== day || version.accessedAt !== day) {
    secret.accessedAt = version.accessedAt = day;
    context.secrets.set(secret.arn, secret);
  }
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    ...(version.string === undefined ? { SecretBinary: version.binary } : { SecretString: version.string }),
    VersionStages: version.stages,
    CreatedDate: seconds(version.createdAt),
  };
};

const getValue: Operation = (context, input) => {
  const secret = liveSecret(context, input);
  return { output: read(context, secret, input), node: secret.arn };
};

const putValue: Operation = async (context, input) => {
  const secret = liveSecret(context, input);
  const value = givenValue(input);
  if (value.string === undefined && value.binary === undefined)
    throw secretErrors.request("You must provide either SecretString or SecretBinary.");
  const stages = input.VersionStages === undefined ? ["AWSCURRENT"] : textList(input, "VersionStages");
  if (stages.length < 1 || stages.length > 20)
    throw secretErrors.parameter("VersionStages must have 1 to 20 staging labels.");
  const version = addVersion(secret, { id: tokenOf(input), value, stages, now: context.cloud.clock.now() });
  await keep(context, secret);
  const output = { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: version.stages };
  return { output, node: secret.arn };
};

const updateStage: Operation = async (context, input) => {
  const secret = liveSecret(context, input);
  const stage = optionalText(input, "VersionStage");
  if (!stage) throw secretErrors.parameter("You must provide a value for the VersionStage parameter.");
  const [to, from] = [optionalText(input, "MoveToVersionId"), optionalText(input, "RemoveFromVersionId")];
  const bearer = staged(secret, stage);
  if (from !== undefined && bearer?.id !== from)
    throw secretErrors.parameter(`The staging label ${stage} is not attached to version ${from}.`);
  if (to !== undefined && bearer && bearer.id !== to && from === undefined)
    throw secretErrors.parameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${bearer.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  if (to === undefined && stage === "AWSCURRENT")
    throw secretErrors.parameter(
      "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    );
  const target = to === undefined ? undefined : versionOf(secret, to);
  if (to !== undefined && !target) throw secretErrors.noValue(`VersionId: ${to}`);
  moveStage(secret, stage, target);
  secret.changedAt = context.cloud.clock.now();
  await keep(context, secret);
  return { output: { ARN: secret.arn, Name: secret.name }, node: secret.arn };
};

const GET = "secretsmanager:GetSecretValue";

/** Refuses whoever may not read a secret: of many asked for at once, and of one that another service refers to. */
export const checkReader = ({ cloud }: SecretsContext, { arn }: Secret, caller: Caller | undefined): void => {
  const why = cloud.permissions?.refuses(caller, GET, arn, { "secretsmanager:SecretId": arn });
  if (why !== undefined) throw new JsonFault("AccessDeniedException", why);
};

const batchGet: Operation = (context, input, { caller }) => {
  const ids = textList(input, "SecretIdList");
  const filters = structures(input, "Filters");
  if (ids.length > 0 === filters.length > 0)
    throw secretErrors.parameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.");
  if (ids.length > 20) throw secretErrors.parameter("SecretIdList can hold at most 20 secrets.");
  const max = optionalInteger(input, "MaxResults") ?? 20;
  if (max < 1 || max > 20) throw secretErrors.parameter("MaxResults must be between 1 and 20.");
  const page = ids.length > 0 ? { items: ids, NextToken: undefined } : names(context, input, max);
  const SecretValues: object[] = [];
  const Errors: object[] = [];
  for (const id of page.items) {
    try {
      const secret = liveSecret(context, { SecretId: id });
      checkReader(context, secret, caller);
      SecretValues.push(read(context, secret, {}));
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      Errors.push({ SecretId: id, ErrorCode: error.code, Message: error.message });
    }
  }
  return { output: { SecretValues, Errors, ...(page.NextToken ? { NextToken: page.NextToken } : {}) } };
};

const names = (context: SecretsContext, input: JsonInput, max: number) => {
  const { items, NextToken } = listed(context, input, max);
  return { items: items.map(({ arn }) => arn), NextToken };
};

/** The current value of a secret, for services that refer to it; undefined when there is none. Without a caller nobody's permission counts. */
export const currentValue = (context: SecretsContext, id: string, caller?: Caller) => {
  const secret = findSecret(context, id);
  if (!secret || secret.deletedAt !== undefined || !staged(secret, "AWSCURRENT")) return undefined;
  checkReader(context, secret, caller);
  return read(context, secret, {});
};

/** Operations on values. */
export const valueOperations: Readonly<Record<string, Operation>> = {
  GetSecretValue: getValue,
  PutSecretValue: putValue,
  UpdateSecretVersionStage: updateStage,
  BatchGetSecretValue: batchGet,
};
