import {
  alarmHistory,
  deleteAlarms,
  describeAlarms,
  enableActions,
  putAlarm,
  setAlarmState,
} from "./alarm-operations.ts";
import { compositeAlarm, metricAlarm } from "./declared.ts";
import * as Input from "./input.ts";
import { getMetricData, getMetricStatistics, listMetrics, putMetricData } from "./metric-operations.ts";
import type { Operation, State } from "./state.ts";
import { CloudWatchError } from "./wire.ts";

const { read } = Input;

const dashboardBody = ({ dashboards }: State, name: string): string => {
  const body = dashboards.get(name);
  if (body !== undefined) return body;
  throw new CloudWatchError("ResourceNotFound", `Dashboard ${name} does not exist`, 404);
};

/** The operations that are served, by name. */
export const operations: Readonly<Record<string, Operation>> = {
  PutMetricData: putMetricData,
  GetMetricData: getMetricData,
  GetMetricStatistics: getMetricStatistics,
  ListMetrics: listMetrics,
  PutMetricAlarm: (state, input) =>
    putAlarm(state, metricAlarm(state.cloud.graph, input, state.cloud.clock.now())),
  PutCompositeAlarm: (state, input) =>
    putAlarm(state, compositeAlarm(state.cloud.graph, input, state.cloud.clock.now())),
  DescribeAlarms: describeAlarms,
  DescribeAlarmHistory: alarmHistory,
  DeleteAlarms: deleteAlarms,
  SetAlarmState: setAlarmState,
  EnableAlarmActions: enableActions(true),
  DisableAlarmActions: enableActions(false),
  PutDashboard: ({ dashboards }, input) => {
    const { DashboardName, DashboardBody } = read(Input.PutDashboard, input);
    dashboards.set(DashboardName, DashboardBody);
    return { DashboardValidationMessages: [] };
  },
  GetDashboard: (state, input) => {
    const { DashboardName } = read(Input.Dashboard, input);
    return { DashboardName, DashboardBody: dashboardBody(state, DashboardName) };
  },
  ListDashboards: ({ dashboards }, input) => {
    const { DashboardNamePrefix = "" } = read(Input.Dashboards, input);
    const names = [...dashboards.keys()].filter((name) => name.startsWith(DashboardNamePrefix));
    return { DashboardEntries: names.map((DashboardName) => ({ DashboardName })) };
  },
};
