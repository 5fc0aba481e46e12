import {
  flag,
  type JsonInput,
  jsonPage,
  optionalInteger,
  optionalText,
  structures,
  textList,
} from "../../kit/json-service.ts";
import type { Operation, Secret, SecretsContext } from "./model.ts";
import { anySecret, seconds, secretErrors } from "./secrets.ts";

const badToken = () => secretErrors.parameter("The NextToken value is invalid.");

// A value matches by its beginning, one after `!` by not matching; tags match with their case, the rest without.
const fits = (texts: readonly string[], value: string, exactCase: boolean): boolean => {
  const [negated, wanted] = value.startsWith("!") ? [true, value.slice(1)] : [false, value];
  const fold = (text: string) => (exactCase ? text : text.toLowerCase());
  return texts.some((text) => fold(text).startsWith(fold(wanted))) !== negated;
};

const textsOf = (secret: Secret, key: string): readonly string[] => {
  const words = (text = "") => [text, ...text.split(/[\s/_+=.@-]+/)];
  if (key === "name") return [secret.name];
  if (key === "description") return words(secret.description);
  if (key === "tag-key") return Object.keys(secret.tags);
  if (key === "tag-value") return Object.values(secret.tags);
  if (key === "primary-region" || key === "owning-service") return [];
  if (key === "all")
    return [...words(secret.name), ...words(secret.description), ...Object.entries(secret.tags).flat()];
  throw secretErrors.parameter(`Invalid filter key: ${key}`);
};

const wanted = (secret: Secret, filters: readonly JsonInput[]): boolean =>
  filters.every((filter) => {
    const key = optionalText(filter, "Key") ?? "all";
    const texts = textsOf(secret, key);
    return textList(filter, "Values").some((value) => fits(texts, value, key.startsWith("tag")));
  });

/** A page of the secrets that an input asks for. */
export const listed = (context: SecretsContext, input: JsonInput, max: number) => {
  const deleted = flag(input, "IncludePlannedDeletion");
  const filters = structures(input, "Filters");
  const all = [...context.secrets.values()].filter(
    (secret) => (deleted || secret.deletedAt === undefined) && wanted(secret, filters),
  );
  if (optionalText(input, "SortOrder") === "desc") all.reverse();
  return jsonPage(all, input, max, badToken);
};

const stagesOf = (secret: Secret) =>
  Object.fromEntries(
    Object.values(secret.versions).flatMap(({ id, stages }) => (stages.length > 0 ? [[id, stages]] : [])),
  );

const rotationOf = ({ rotation, rotatedAt }: Secret) => ({
  ...(rotation
    ? {
        RotationEnabled: rotation.enabled,
        RotationLambdaARN: rotation.lambdaArn,
        RotationRules: rotation.rules,
      }
    : {}),
  ...(rotation?.nextAt === undefined ? {} : { NextRotationDate: seconds(rotation.nextAt) }),
  ...(rotatedAt === undefined ? {} : { LastRotatedDate: seconds(rotatedAt) }),
});

const shown = (secret: Secret) => ({
  ARN: secret.arn,
  Name: secret.name,
  ...(secret.description === undefined ? {} : { Description: secret.description }),
  ...(secret.kmsKeyId === undefined ? {} : { KmsKeyId: secret.kmsKeyId }),
  ...rotationOf(secret),
  LastChangedDate: seconds(secret.changedAt),
  ...(secret.accessedAt === undefined ? {} : { LastAccessedDate: seconds(secret.accessedAt) }),
  ...(secret.deletedAt === undefined ? {} : { DeletedDate: seconds(secret.deletedAt) }),
  Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
  CreatedDate: seconds(secret.createdAt),
});

const limit = (input: JsonInput, fallback: number): number => {
  const max = optionalInteger(input, "MaxResults") ?? fallback;
  if (max < 1 || max > 100) throw secretErrors.parameter("MaxResults must be between 1 and 100.");
  return max;
};

/** Operations that tell of secrets, without their values. */
export const listOperations: Readonly<Record<string, Operation>> = {
  DescribeSecret(context, input) {
    const secret = anySecret(context, input);
    return { output: { ...shown(secret), VersionIdsToStages: stagesOf(secret) }, node: secret.arn };
  },
  ListSecrets(context, input) {
    const { items, NextToken } = listed(context, input, limit(input, 100));
    const SecretList = items.map((secret) => ({
      ...shown(secret),
      SecretVersionsToStages: stagesOf(secret),
    }));
    return { output: { SecretList, ...(NextToken ? { NextToken } : {}) } };
  },
  ListSecretVersionIds(context, input) {
    const secret = anySecret(context, input);
    const deprecated = flag(input, "IncludeDeprecated");
    const all = Object.values(secret.versions).filter(({ stages }) => deprecated || stages.length > 0);
    const { items, NextToken } = jsonPage(all, input, limit(input, 100), badToken);
    const Versions = items.map(({ id, stages, createdAt, accessedAt }) => ({
      VersionId: id,
      ...(stages.length > 0 ? { VersionStages: stages } : {}),
      CreatedDate: seconds(createdAt),
      ...(accessedAt === undefined ? {} : { LastAccessedDate: seconds(accessedAt) }),
    }));
    return {
      output: { ARN: secret.arn, Name: secret.name, Versions, ...(NextToken ? { NextToken } : {}) },
      node: secret.arn,
    };
  },
};
