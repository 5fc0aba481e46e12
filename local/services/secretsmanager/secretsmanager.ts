import { join } from "node:path";
import type { Action, AwsService, Cloud, View } from "../../kit/cloud.ts";
import type { Caller } from "../../kit/credentials.ts";
import { answerJson } from "../../kit/json-service.ts";
import { openLedger } from "../../kit/ledger.ts";
import { served } from "../../kit/served.ts";
import { applyStacks } from "./declared.ts";
import { lifeOperations, removeLater } from "./life-operations.ts";
import { listOperations } from "./listing.ts";
import type { Operation, SecretsContext } from "./model.ts";
import { getRandomPassword } from "./passwords.ts";
import { rotationOperations, waitForNext } from "./rotation.ts";
import { tagOperations } from "./tag-operations.ts";
import { currentValue, valueOperations } from "./value-operations.ts";

const operations: Readonly<Record<string, Operation>> = {
  ...lifeOperations,
  ...valueOperations,
  ...listOperations,
  ...rotationOperations,
  ...tagOperations,
  GetRandomPassword: getRandomPassword,
};

/** A secret's current value, as GetSecretValue answers it. */
export type SecretValue = NonNullable<ReturnType<typeof currentValue>>;

/** Secrets Manager, and what other services ask of it. */
export interface SecretsService extends AwsService {
  /** The current value of a secret by its name or ARN; undefined when there is none. Throws when the caller may not read it. */
  current(id: string, caller: Caller | undefined): SecretValue | undefined;
}

const views = (context: SecretsContext): Record<string, View> => ({
  // Never a value: `reveal` is an act of its own.
  secrets: () =>
    [...context.secrets.values()].map(
      ({ arn, name, description, versions, rotation, rotatedAt, deletedAt, goneAt }) => ({
        arn,
        name,
        description,
        versions: Object.values(versions).map(({ id, stages, createdAt }) => ({ id, stages, createdAt })),
        rotation: rotation && {
          lambdaArn: rotation.lambdaArn,
          enabled: rotation.enabled,
          nextAt: rotation.nextAt,
        },
        rotatedAt,
        deletedAt,
        goneAt,
      }),
    ),
});

const actions = (context: SecretsContext): Record<string, Action> => ({
  reveal({ secretId }) {
    const value = typeof secretId === "string" ? currentValue(context, secretId) : undefined;
    if (!value) throw new Error("There is no such secret, or it has no value");
    return value;
  },
});

/** Secrets Manager: the secrets of the stacks and those made by API, with versions, stages, recovery and rotation. */
export const secretsManager = (cloud: Cloud): SecretsService => {
  const file = cloud.dataDir === undefined ? undefined : join(cloud.dataDir, "secretsmanager", "log.jsonl");
  const ledger = openLedger(file);
  const context: SecretsContext = { cloud, ledger, secrets: ledger.table("secrets"), rotating: new Map() };
  applyStacks(context);
  return {
    name: "secretsmanager",
    handle: (request) => answerJson("secretsmanager", operations, context, request),
    current: (id, caller) => currentValue(context, id, caller),
    operations: served("secretsmanager", operations),
    views: views(context),
    actions: actions(context),
    async start() {
      for (const secret of context.secrets.values()) {
        removeLater(context, secret);
        waitForNext(context, secret);
      }
    },
    async stop() {
      await Promise.all(context.rotating.values());
      await ledger.committed();
    },
  };
};
