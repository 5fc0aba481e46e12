import { fields, list, number, text } from "../../front/read.ts";
import { byType, type Resource } from "../../graph/graph.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { quota, type Take, tokenBucket } from "./throttle.ts";

/** What a key may do on one API stage. */
export type KeyVerdict =
  | { readonly kind: "allowed"; readonly keyId: string; readonly name: string }
  | { readonly kind: "unknown" | "throttled" | "quota" };

interface PlanUse {
  /** Stage-wide bucket of this key under this plan. */
  readonly take?: Take;
  readonly quota?: Take;
  /** `/path/METHOD` → bucket. */
  readonly methods: ReadonlyMap<string, Take>;
}

interface Key {
  readonly id: string;
  readonly name: string;
  /** `<apiId>/<stage>` → what the plan grants there. */
  readonly plans: ReadonlyMap<string, PlanUse>;
}

const bucketOf = (cloud: Cloud, value: unknown): Take | undefined => {
  const settings = fields(value);
  const rate = number(settings.rateLimit);
  const burst = number(settings.burstLimit);
  return rate !== undefined && burst !== undefined ? tokenBucket(cloud.clock, rate, burst) : undefined;
};

const planUses = (cloud: Cloud, plan: Resource): [string, PlanUse][] => {
  const limits = fields(plan.inputs.quotaSettings);
  const limit = number(limits.limit);
  const used =
    limit === undefined
      ? undefined
      : quota(cloud.clock, limit, text(limits.period) ?? "MONTH", number(limits.offset) ?? 0);
  // Plan throttle and quota are counted per key across the plan's stages.
  const take = bucketOf(cloud, plan.inputs.throttleSettings);
  return list(plan.inputs.apiStages).map((value) => {
    const stage = fields(value);
    const methods = list(stage.throttles).flatMap((entry): [string, Take][] => {
      const bucket = bucketOf(cloud, entry);
      return bucket ? [[String(fields(entry).path), bucket]] : [];
    });
    return [
      `${stage.apiId}/${stage.stage}`,
      { ...(take ? { take } : {}), ...(used ? { quota: used } : {}), methods: new Map(methods) },
    ];
  });
};

const readKeys = (cloud: Cloud): Map<string, Key> => {
  const plans = byType(cloud.graph, "aws:apigateway/usagePlan:UsagePlan");
  const links = byType(cloud.graph, "aws:apigateway/usagePlanKey:UsagePlanKey");
  const keys = byType(cloud.graph, "aws:apigateway/apiKey:ApiKey").filter((k) => k.inputs.enabled !== false);
  return new Map(
    keys.flatMap((key): [string, Key][] => {
      const value = text(key.outputs.value) ?? text(key.inputs.value);
      if (!value) return [];
      const mine = new Set(links.filter((l) => l.inputs.keyId === key.id).map((l) => l.inputs.usagePlanId));
      const uses = plans.filter((p) => mine.has(p.id)).flatMap((p) => planUses(cloud, p));
      return [[value, { id: key.id, name: text(key.inputs.name) ?? key.name, plans: new Map(uses) }]];
    }),
  );
};

/** Checks a key value against the usage plans of the graph: known for this stage, then throttle, then quota. */
export const createUsagePlans = (cloud: Cloud) => {
  const keys = readKeys(cloud);
  return (
    value: string | undefined,
    apiId: string,
    stage: string,
    method: { path: string; httpMethod: string },
  ): KeyVerdict => {
    const key = value === undefined ? undefined : keys.get(value);
    const use = key?.plans.get(`${apiId}/${stage}`);
    if (!key || !use) return { kind: "unknown" };
    const own = use.methods.get(`${method.path}/${method.httpMethod}`);
    if ((own ?? use.take)?.() === false) return { kind: "throttled" };
    if (use.quota?.() === false) return { kind: "quota" };
    return { kind: "allowed", keyId: key.id, name: key.name };
  };
};
