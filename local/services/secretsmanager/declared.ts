import { createHash, randomUUID } from "node:crypto";
import { byType, type Resource } from "../../graph/graph.ts";
import type { Rotation, Secret, SecretsContext } from "./model.ts";
import { intervalOf } from "./rotation.ts";
import { addVersion } from "./secrets.ts";

const of = (context: SecretsContext, type: string, arn: string): Resource | undefined =>
  byType(context.cloud.graph, `aws:secretsmanager/${type}`).find(({ inputs }) => inputs.secretId === arn);

// A stack's value becomes a version when the stack changes it, as a deployment would; else what was put since stays.
const applyValue = (context: SecretsContext, secret: Secret): void => {
  const version = of(context, "secretVersion:SecretVersion", secret.arn);
  const { secretString: string, secretBinary: binary } = version?.inputs ?? {};
  if (typeof string !== "string" && typeof binary !== "string") return;
  const value = typeof string === "string" ? { string } : { binary: String(binary) };
  const declared = createHash("sha256").update(JSON.stringify(value)).digest("hex");
  if (secret.declared === declared) return;
  secret.declared = declared;
  const given = version?.inputs.versionStages;
  const stages = Array.isArray(given) && given.length > 0 ? given.map(String) : ["AWSCURRENT"];
  addVersion(secret, { id: randomUUID(), value, stages, now: context.cloud.clock.now() });
};

const rotationOf = (context: SecretsContext, arn: string): Omit<Rotation, "enabled"> | undefined => {
  const resource = of(context, "secretRotation:SecretRotation", arn);
  if (!resource) return undefined;
  const {
    automaticallyAfterDays: days,
    scheduleExpression,
    duration,
  } = (resource.inputs.rotationRules ?? {}) as Record<string, unknown>;
  const rules = {
    ...(days ? { AutomaticallyAfterDays: days } : {}),
    ...(scheduleExpression ? { ScheduleExpression: scheduleExpression } : {}),
    ...(duration ? { Duration: duration } : {}),
  };
  return { lambdaArn: String(resource.inputs.rotationLambdaArn), rules };
};

const applyRotation = (context: SecretsContext, secret: Secret): void => {
  const stated = rotationOf(context, secret.arn);
  if (!stated) return;
  const same = secret.rotation && JSON.stringify(secret.rotation.rules) === JSON.stringify(stated.rules);
  const interval = intervalOf(stated.rules);
  const nextAt = same ? secret.rotation?.nextAt : interval && context.cloud.clock.now() + interval;
  secret.rotation = { ...stated, enabled: true, ...(nextAt ? { nextAt } : {}) };
};

/** Brings what is kept in line with the stacks: their secrets are there, and what they no longer state is not. */
export const applyStacks = (context: SecretsContext): void => {
  const now = context.cloud.clock.now();
  const resources = byType(context.cloud.graph, "aws:secretsmanager/secret:Secret");
  const stated = new Set(resources.map(({ outputs }) => String(outputs.arn)));
  for (const { arn, runtime } of [...context.secrets.values()])
    if (!runtime && !stated.has(arn)) context.secrets.delete(arn);
  for (const { inputs, outputs, name } of resources) {
    const arn = String(outputs.arn);
    const known = context.secrets.get(arn);
    const secret: Secret = known ?? {
      arn,
      name: String(outputs.name ?? name),
      tags: {},
      versions: {},
      createdAt: now,
      changedAt: now,
      runtime: false,
    };
    if (inputs.description) secret.description = String(inputs.description);
    if (inputs.kmsKeyId) secret.kmsKeyId = String(inputs.kmsKeyId);
    const policy = of(context, "secretPolicy:SecretPolicy", arn)?.inputs.policy ?? inputs.policy;
    if (policy) secret.policy = typeof policy === "string" ? policy : JSON.stringify(policy);
    secret.tags = { ...((inputs.tags ?? {}) as Record<string, string>), ...known?.tags };
    applyValue(context, secret);
    applyRotation(context, secret);
    context.secrets.set(arn, secret);
  }
};
