import { functionByArn } from "../../graph/graph.ts";
import { type JsonInput, optionalInteger, optionalText } from "../../kit/json-service.ts";
import type { Operation, Rotation, Secret, SecretsContext } from "./model.ts";
import { keep, liveSecret, secretErrors, staged, tokenOf } from "./secrets.ts";

const DAY_MS = 86_400_000;
const UNITS: Readonly<Record<string, number>> = { hour: 3_600_000, day: DAY_MS };

/** How far apart rotations are, ms; undefined for schedules of the kind `cron`, which run only when asked to. */
export const intervalOf = (rules: Readonly<Record<string, unknown>>): number | undefined => {
  const days = rules.AutomaticallyAfterDays;
  if (typeof days === "number") return days * DAY_MS;
  const [, count, unit = ""] =
    /^rate\((\d{1,3}) (hour|day)s?\)$/.exec(String(rules.ScheduleExpression ?? "")) ?? [];
  const interval = count === undefined ? 0 : Number(count) * (UNITS[unit] ?? 0);
  return interval > 0 ? interval : undefined;
};

const rulesOf = (input: JsonInput, known: Rotation | undefined): Readonly<Record<string, unknown>> => {
  const given = input.RotationRules;
  if (given === undefined || given === null) return known?.rules ?? {};
  if (typeof given !== "object" || Array.isArray(given))
    throw secretErrors.parameter("RotationRules is no structure.");
  const days = optionalInteger(given as JsonInput, "AutomaticallyAfterDays");
  const ScheduleExpression = optionalText(given as JsonInput, "ScheduleExpression");
  const Duration = optionalText(given as JsonInput, "Duration");
  if (days !== undefined && (days < 1 || days > 1_000))
    throw secretErrors.parameter("AutomaticallyAfterDays must be between 1 and 1000.");
  if (days !== undefined && ScheduleExpression !== undefined)
    throw secretErrors.parameter("You can't use both AutomaticallyAfterDays and ScheduleExpression.");
  if (Duration !== undefined && !/^\d{1,2}h$/.test(Duration))
    throw secretErrors.parameter("The Duration value is not valid.");
  if (ScheduleExpression !== undefined) checkSchedule(ScheduleExpression);
  return {
    ...(days === undefined ? {} : { AutomaticallyAfterDays: days }),
    ...(ScheduleExpression === undefined ? {} : { ScheduleExpression }),
    ...(Duration === undefined ? {} : { Duration }),
  };
};

/** A secret rotates every four hours at the most. */
const SHORTEST_MS = 4 * 3_600_000;

const checkSchedule = (ScheduleExpression: string): void => {
  const cron = /^cron\([^)]{1,240}\)$/.test(ScheduleExpression);
  if (cron || (intervalOf({ ScheduleExpression }) ?? 0) >= SHORTEST_MS) return;
  throw secretErrors.parameter("The ScheduleExpression value is not valid.");
};

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

// The four steps in order, each once the one before has answered. The first that fails ends the rotation: its version
// stays pending, and the next rotation takes it up again.
const runSteps = async (context: SecretsContext, secret: Secret, token: string, steps: readonly string[]) => {
  const { cloud } = context;
  const lambdaArn = secret.rotation?.lambdaArn ?? "";
  for (const Step of steps) {
    const event = { Step, SecretId: secret.arn, ClientRequestToken: token };
    const outcome = await cloud.lambda.invoke(lambdaArn, event, { from: secret.arn });
    if (!outcome.error && !outcome.throttled) continue;
    const why = outcome.error?.errorMessage ?? "throttled";
    cloud.print(`✗ rotation of ${secret.name}: ${Step} failed: ${why}`);
    return false;
  }
  return true;
};

const finish = async (context: SecretsContext, secret: Secret, token: string): Promise<void> => {
  const now = context.cloud.clock.now();
  const version = secret.versions[token];
  if (version && staged(secret, "AWSCURRENT") === version)
    version.stages = version.stages.filter((stage) => stage !== "AWSPENDING");
  secret.rotatedAt = now;
  schedule(context, secret);
  await keep(context, secret);
};

/** Notes when the next rotation is due, and waits for it. */
export const schedule = (context: SecretsContext, secret: Secret, from = context.cloud.clock.now()): void => {
  const { rotation } = secret;
  if (!rotation) return;
  const interval = rotation.enabled ? intervalOf(rotation.rules) : undefined;
  if (interval === undefined) delete rotation.nextAt;
  else rotation.nextAt = from + interval;
  waitForNext(context, secret);
};

/** Waits for a rotation that is noted. One that fell due while the cloud was off runs at once. */
export const waitForNext = (context: SecretsContext, { arn, rotation }: Secret): void => {
  const due = rotation?.nextAt;
  if (due === undefined) return;
  context.cloud.clock.after(Math.max(0, due - context.cloud.clock.now()), () => {
    const secret = context.secrets.get(arn);
    if (!secret || secret.deletedAt !== undefined || secret.rotation?.nextAt !== due) return;
    // Should it fail, the next one comes in its time; those that a leap of the clock passed over are not made up for.
    const interval = intervalOf(secret.rotation.rules) ?? 0;
    const missed = interval > 0 ? Math.floor((context.cloud.clock.now() - due) / interval) : 0;
    schedule(context, secret, due + missed * interval);
    if (!context.rotating.has(arn))
      begin(context, secret, pendingOf(secret)?.id ?? crypto.randomUUID(), STEPS);
  });
};

const pendingOf = (secret: Secret) => {
  const pending = staged(secret, "AWSPENDING");
  return pending && !pending.stages.includes("AWSCURRENT") ? pending : undefined;
};

const begin = (context: SecretsContext, secret: Secret, token: string, steps: readonly string[]): void => {
  const pending = secret.versions[token] ?? { id: token, stages: [], createdAt: context.cloud.clock.now() };
  secret.versions[token] = pending;
  if (!pending.stages.includes("AWSPENDING")) pending.stages.push("AWSPENDING");
  context.secrets.set(secret.arn, secret);
  const task = runSteps(context, secret, token, steps)
    .then(async (ok) => {
      if (context.secrets.get(secret.arn) !== secret) return; // deleted meanwhile
      if (steps.length === 1) {
        delete secret.versions[token]; // it was for trying the function alone
        await keep(context, secret);
      } else await (ok ? finish(context, secret, token) : keep(context, secret));
    })
    .catch((error: unknown) => context.cloud.print(`✗ rotation of ${secret.name}: ${String(error)}`))
    .finally(() => context.rotating.delete(secret.arn));
  context.rotating.set(secret.arn, task);
};

const rotateSecret: Operation = async (context, input) => {
  const secret = liveSecret(context, input);
  const lambdaArn = optionalText(input, "RotationLambdaARN") ?? secret.rotation?.lambdaArn;
  if (!lambdaArn)
    throw secretErrors.request("No Lambda rotation function ARN is associated with this secret.");
  const spec = functionByArn(context.cloud.graph, lambdaArn);
  if (!spec) throw secretErrors.none();
  const rules = rulesOf(input, secret.rotation);
  const pending = pendingOf(secret);
  const token = input.ClientRequestToken === undefined && pending ? pending.id : tokenOf(input);
  if (context.rotating.has(secret.arn) && pending && pending.id !== token)
    throw secretErrors.request("A previous rotation isn't complete. That rotation will be reattempted.");
  secret.rotation = { lambdaArn, rules, enabled: true };
  schedule(context, secret);
  const current = secret.versions[token]?.stages.includes("AWSCURRENT");
  if (!context.rotating.has(secret.arn) && !current)
    begin(context, secret, pending?.id ?? token, input.RotateImmediately === false ? ["testSecret"] : STEPS);
  await keep(context, secret);
  return {
    output: { ARN: secret.arn, Name: secret.name, VersionId: pending?.id ?? token },
    node: secret.arn,
  };
};

const cancelRotation: Operation = async (context, input) => {
  const secret = liveSecret(context, input);
  if (!secret.rotation) throw secretErrors.request("Rotation was never configured on this secret.");
  secret.rotation.enabled = false;
  delete secret.rotation.nextAt;
  const pending = staged(secret, "AWSPENDING");
  await keep(context, secret);
  return {
    output: { ARN: secret.arn, Name: secret.name, ...(pending ? { VersionId: pending.id } : {}) },
    node: secret.arn,
  };
};

/** Operations on rotation. */
export const rotationOperations: Readonly<Record<string, Operation>> = {
  RotateSecret: rotateSecret,
  CancelRotateSecret: cancelRotation,
};
