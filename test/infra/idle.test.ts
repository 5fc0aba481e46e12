import { describe, expect, it } from "vitest";
import { free, idleCosts, metricsOf } from "./idle.ts";
import { graphOf, made } from "./kit/example.ts";
import { loadStages } from "./stages.ts";

const graphs = await loadStages();

const many = (type: string, count: number, inputs: Record<string, unknown> = {}) =>
  Array.from({ length: count }, (_, index) => made(type, `n${index}`, inputs));

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const DASHBOARD = "aws:cloudwatch/dashboard:Dashboard";

const drawing = (count: number) => {
  const metrics = Array.from({ length: count }, (_, index) => [
    "AWS/Lambda",
    "Errors",
    "FunctionName",
    `f${index}`,
  ]);
  return { dashboardBody: JSON.stringify({ widgets: [{ properties: { metrics } }] }) };
};

describe("a stage that nobody uses", () => {
  it("costs nothing, unless it is production", () => {
    expect(idleCosts(graphs.default)).toEqual([]);
  });

  it("pays for what only production has", () => {
    expect(idleCosts(graphs.production).map(({ resource }) => resource)).toEqual(
      expect.arrayContaining(["AlertsKey", "ApiWaf", "EdgeWaf"]),
    );
  });

  it("is not said to be free when it has what is billed by the month", () => {
    expect(idleCosts(graphOf([made("aws:kms/key:Key", "Key")]))).toHaveLength(1);
    expect(
      idleCosts(graphOf([made("aws:dynamodb/table:Table", "T", { billingMode: "PROVISIONED" })])),
    ).toHaveLength(1);
    expect(idleCosts(graphOf(many(ALARM, free.alarms + 1)))).toHaveLength(1);
    expect(idleCosts(graphOf(many(DASHBOARD, free.dashboards + 1)))).toHaveLength(1);
    expect(idleCosts(graphOf(many(DASHBOARD, 1, drawing(free.metricsPerDashboard + 1))))).toHaveLength(1);
    expect(idleCosts(graphOf(many(DASHBOARD, 1, drawing(free.metricsPerDashboard))))).toEqual([]);
  });

  it("counts the metrics of a dashboard, not its expressions", () => {
    const body = JSON.stringify({
      widgets: [{ properties: { metrics: [["A", "b"], [{ expression: "a / b" }]] } }],
    });
    expect(metricsOf(made(DASHBOARD, "D", { dashboardBody: body }))).toEqual([["A", "b"]]);
  });
});
