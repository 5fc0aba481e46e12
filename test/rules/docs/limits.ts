import * as Capacity from "../../../core/limits/capacity.schema.ts";
import { guards, policies, stageRates } from "../../../core/limits/policies.schema.ts";
import { table } from "./markdown.ts";

const whole = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: 0 });
const price = (value: number) =>
  value === 0
    ? "0"
    : `$${Number(value.toPrecision(3)).toLocaleString("en-US", { maximumSignificantDigits: 3 })}`;
const demand = Capacity.designDemand;

/** The app's own rules, as the code states them. */
export const appRules = (): string =>
  table(
    ["Rule", "Counts by", "Algorithm", "Limit", "At once", "Lease", "Store fails"],
    [...policies.values()].map(({ name, scope, algorithm, limit, window, burst, lease, onFailure, ban }) => [
      `\`${name}\``,
      scope,
      algorithm,
      `${whole(limit)} in ${whole(window)} s${ban ? `; ${ban.after} refusals in ${whole(ban.within)} s ban for ${whole(ban.for)} s` : ""}`,
      burst === undefined ? "" : whole(burst),
      lease === 0 ? "" : whole(lease),
      onFailure,
    ]),
  );

/** Which rules guard the routes of a class, and what API Gateway lets through before them. */
export const classes = (): string =>
  table(
    ["Class", "Rules, from wide to narrow", "API Gateway, a route"],
    (["probe", "redirect", "read", "write"] as const).map((name) => [
      name,
      guards[name].map((rule) => `\`${rule}\``).join(", "),
      `${whole(stageRates[name].rate)}/s, ${whole(stageRates[name].burst)} at once`,
    ]),
  );

/** What a million decisions cost, and what they load, at the design's load. */
export const cost = (): string => {
  const rows = Capacity.ways.map((way) => {
    const even = Capacity.breakEven(way);
    return [
      way.name,
      way.dynamo.calls === 0 ? "0" : Number(way.dynamo.calls.toPrecision(3)),
      price(Capacity.dollarsOnDynamo(way)),
      `${whole(demand.decisionsPerSecond * way.dynamo.writes)}/s`,
      Capacity.primariesFor(way, demand),
      price(Capacity.dollarsOnValkey(way, demand)),
      Number.isFinite(even) ? `${whole(even)}/s` : "never",
    ];
  });
  return [
    table(
      [
        "A decision",
        "Calls of DynamoDB",
        "A million on DynamoDB",
        "Write units at the load",
        "Primaries of Valkey",
        "A million on Valkey at the load",
        "Valkey is cheaper from",
      ],
      rows,
    ),
    "",
    `Three primaries with a replica each, of cache.r7g.large, cost $${whole(Capacity.clusterBill(3))} a month; of cache.t4g.small, as \`production\` has them, $${whole(Capacity.clusterBill(3, "cache.t4g.small"))}.`,
  ].join("\n");
};
