import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheApi } from "../../../core/cache/api.schema.ts";
import { docsApi } from "../../../core/docs/api.schema.ts";
import { identityApi } from "../../../core/identity/api.schema.ts";
import type { Api, Operation } from "../../../core/kit/api.schema.ts";
import { type ProblemKind, problemKinds } from "../../../core/kit/problem.ts";
import { limitsApi } from "../../../core/limits/api.schema.ts";
import { shortenerApi } from "../../../core/shortener/api.schema.ts";
import { limits } from "../../../core/shortener/link.schema.ts";
import { notExercised } from "../../infra/not-exercised.ts";
import { publicRoutes } from "../../infra/public-routes.ts";
import { waivers } from "../../infra/waivers.ts";
import * as Cache from "./cache.ts";
import { bills, breakEven, codeSpace, load } from "./capacity.ts";
import { decisionsOf, floorsOf } from "./floors.ts";
import * as Limits from "./limits.ts";
import { table } from "./markdown.ts";
import { operationBlocks } from "./operations.ts";
import { signals } from "./signals.ts";

const root = join(import.meta.dirname, "../../..");

const who = { none: "anyone", optional: "anyone; a token is checked", required: "signed in" } as const;

const answers = ({ replies, problems = [] }: Operation): string => {
  const failures = new Set(problems.map((kind: ProblemKind) => problemKinds[kind].status));
  return [...Object.keys(replies), ...[...failures].toSorted()].join(" ");
};

const apiTable = (...apis: Api[]): string =>
  table(
    ["Operation", "Who", "Answers", "What it does"],
    apis
      .flatMap((api) => Object.values(api))
      .map((operation) => [
        `\`${operation.method} ${operation.path}\``,
        who[operation.auth],
        answers(operation),
        operation.summary,
      ]),
  );

/**
 * `//  1 link by domain + code   table   pk …   sk …   GetItem`: columns are two spaces or more apart. Where a model has but its
 * table it need not say so, and a pattern that reads all of a partition names no sort key.
 */
const accessPatterns = (...models: string[]): string => {
  const lines = models.flatMap((model) => readFileSync(join(root, model), "utf8").split("\n"));
  const rows = lines.flatMap((line) => {
    const [, number, rest = ""] = /^\/\/\s+(\d+) (.+)$/.exec(line) ?? [];
    if (number === undefined) return [];
    const [, what = "", where = "table", pk = "", sk = "", how = ""] =
      /^(.+?)\s+(?:(table|by\w+)\s+)?(?:gsi\d)?pk ((?:\S+, )*\S+)\s+(?:(?:gsi\d)?sk (.+?)(?:\s{2,}|(?<=>|#\S+) ))?(\w.+)$/.exec(
        rest,
      ) ?? [];
    if (how === "") throw new Error(`${models.join(", ")}: cannot read access pattern ${number}`);
    return [[number, what.trim(), where, `\`${pk}\``, sk && `\`${sk.trim()}\``, how]];
  });
  return table(["#", "Access pattern", "Index", "Partition key", "Sort key", "Call"], rows);
};

const meanings: Readonly<Record<keyof typeof limits, string>> = {
  urlBytes: "longest URL, in bytes, once canonical",
  codeLength: "shortest and longest custom code, in characters",
  generatedLength: "length of a generated code, in base62 digits",
  titleLength: "longest title, in characters",
  tags: "tags of a link",
  tagLength: "longest tag, in characters",
  rules: "rules of a link",
  bulk: "links in one bulk request",
  expiresIn: "longest life that can be asked for, in seconds (ten years)",
  pageSize: "longest page of a list",
  maxClicks: "largest click limit of a link",
};

const limitTable = (): string =>
  table(
    ["Limit", "Value"],
    Object.entries(limits).map(([name, value]) => [
      meanings[name as keyof typeof limits],
      typeof value === "number" ? value.toLocaleString("en-US") : `${value.min} and ${value.max}`,
    ]),
  );

const problemTable = (): string =>
  table(
    ["Kind", "Status", "Title"],
    Object.entries(problemKinds).map(([kind, { status, title }]) => [`\`${kind}\``, status, title]),
  );

const stageOf = (stage: string | undefined) => stage ?? "both";

const waiverTable = (): string =>
  table(
    ["Rule", "Stage", "Why it is waived"],
    waivers.map(({ rule, stage, reason }) => [rule, stageOf(stage), reason]),
  );

const waitingTable = (): string =>
  table(
    ["Rule", "Stage", "What is missing"],
    notExercised.map(({ rule, stage, missing }) => [rule, stageOf(stage), missing]),
  );

const publicTable = (): string =>
  table(
    ["Route", "Why anyone may call it"],
    Object.entries(publicRoutes).map(([route, why]) => [`\`${route}\``, why]),
  );

const operations = await operationBlocks(root);

/** Every block that a page may hold between `<!-- generated:name -->` and `<!-- /generated -->`. */
export const blocks: Readonly<Record<string, () => string>> = {
  "shortener-api": () => apiTable(shortenerApi),
  "platform-api": () => apiTable(identityApi, docsApi),
  "shortener-access-patterns": () => accessPatterns("core/shortener/link.model.ts"),
  "shortener-limits": limitTable,
  "shortener-load": load,
  "shortener-codes": codeSpace,
  "shortener-bills": bills,
  "shortener-break-even": breakEven,
  "shortener-signals": await signals(root, "shortener"),
  "limits-api": () => apiTable(limitsApi),
  "limits-rules": Limits.appRules,
  "limits-classes": Limits.classes,
  "limits-access-patterns": () => accessPatterns("core/limits/rule.model.ts", "core/limits/limit.keys.ts"),
  "limits-decisions": () => decisionsOf(root),
  "limits-operations": () => floorsOf(root, "test/contract/limits-floors-api.test.ts"),
  "limits-cost": Limits.cost,
  "limits-signals": await signals(root, "limits"),
  "cache-api": () => apiTable(cacheApi),
  "cache-access-patterns": () => accessPatterns("core/cache/cache.keys.ts"),
  "cache-store": () => floorsOf(root, "test/contract/cache-floors.test.ts"),
  "cache-operations": () => floorsOf(root, "test/contract/cache-entries.test.ts"),
  "cache-reads": Cache.reads,
  "cache-loads": Cache.loads,
  "cache-signals": await signals(root, "cache"),
  "production-idle": Cache.idle,
  problems: problemTable,
  "infra-waivers": waiverTable,
  "infra-waiting": waitingTable,
  "public-routes": publicTable,
  "operations-counts": operations.counts,
  "operations-lists": operations.lists,
};
