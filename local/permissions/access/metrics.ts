import { anything, arnOf, items, own, type ServiceCall, type Table, text } from "./access.ts";

const ofAlarms = (call: ServiceCall) => {
  const names = [...items(call.input.AlarmNames).map(text), text(call.input.AlarmName)];
  const known = names.filter((name) => name !== "");
  return known.length === 0
    ? arnOf(call, "cloudwatch", "alarm:*")
    : known.map((n) => arnOf(call, "cloudwatch", `alarm:${n}`));
};

/** Dashboards belong to no region. */
const ofDashboards = (call: ServiceCall) => {
  const names = [...items(call.input.DashboardNames).map(text), text(call.input.DashboardName)];
  const known = names.filter((name) => name !== "");
  return (known.length === 0 ? ["*"] : known).map(
    (name) => `arn:aws:cloudwatch::${call.account}:dashboard/${name}`,
  );
};

const ofResource = (call: ServiceCall) => text(call.input.ResourceARN);

/** Operations of CloudWatch. Source: service authorization reference, Amazon CloudWatch. */
export const monitoring: Table = {
  PutMetricData: (call) => [
    {
      action: "cloudwatch:PutMetricData",
      resource: "*",
      context: () => ({ "cloudwatch:namespace": text(call.input.Namespace) }),
    },
  ],
  ...own(
    "cloudwatch",
    `GetMetricData GetMetricStatistics ListMetrics GetMetricWidgetImage DescribeAlarmsForMetric ListDashboards
     PutAnomalyDetector DescribeAnomalyDetectors DeleteAnomalyDetector ListMetricStreams`,
    anything,
  ),
  ...own(
    "cloudwatch",
    `PutMetricAlarm PutCompositeAlarm DeleteAlarms DescribeAlarms DescribeAlarmHistory SetAlarmState
     EnableAlarmActions DisableAlarmActions DescribeAlarmContributors`,
    ofAlarms,
  ),
  ...own("cloudwatch", "GetDashboard PutDashboard DeleteDashboards", ofDashboards),
  ...own("cloudwatch", "TagResource UntagResource ListTagsForResource", ofResource),
};

/** Request line → operation of X-Ray. */
export const XRAY_ROUTES: readonly (readonly [RegExp, string])[] = [
  [/^POST \/TraceSegments$/, "PutTraceSegments"],
  [/^POST \/TelemetryRecords$/, "PutTelemetryRecords"],
  [/^POST \/TraceSummaries$/, "GetTraceSummaries"],
  [/^POST \/Traces$/, "BatchGetTraces"],
  [/^POST \/ServiceGraph$/, "GetServiceGraph"],
  [/^POST \/TraceGraph$/, "GetTraceGraph"],
  [/^POST \/TimeSeriesServiceStatistics$/, "GetTimeSeriesServiceStatistics"],
  [/^POST \/GetSamplingRules$/, "GetSamplingRules"],
  [/^POST \/SamplingTargets$/, "GetSamplingTargets"],
  [/^POST \/SamplingStatisticSummaries$/, "GetSamplingStatisticSummaries"],
  [/^POST \/Groups$/, "GetGroups"],
  [/^POST \/GetGroup$/, "GetGroup"],
  [/^POST \/EncryptionConfig$/, "GetEncryptionConfig"],
  [/^POST \/(?:Insight\w*)$/, "GetInsightSummaries"],
];

/** Operations of X-Ray: none knows a resource, save those of groups, which the local cloud does not make. */
export const xray: Table = own("xray", [...new Set(XRAY_ROUTES.map(([, name]) => name))].join(" "), anything);
