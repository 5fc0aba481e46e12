import type { Alarm } from "./alarm.ts";
import * as Input from "./input.ts";
import type { Operation, State } from "./state.ts";
import { change } from "./watch.ts";
import { CloudWatchError, type Output } from "./wire.ts";

const { read } = Input;

/** An alarm that is put again keeps its state, as CloudWatch does. */
export const putAlarm = ({ alarms, cloud }: State, alarm: Alarm): Output => {
  const known = alarms.all.get(alarm.name);
  const { state, reason, changedAt } = known ?? alarm;
  alarms.all.set(alarm.name, { ...alarm, state, reason, changedAt, updatedAt: cloud.clock.now() });
  return {};
};

const describeAlarm = (alarm: Alarm) => ({
  ...alarm.settings,
  AlarmArn: alarm.arn,
  StateValue: alarm.state,
  StateReason: alarm.reason,
  StateUpdatedTimestamp: new Date(alarm.changedAt),
  AlarmConfigurationUpdatedTimestamp: new Date(alarm.updatedAt),
});

/** Alarms with their states. */
export const describeAlarms: Operation = ({ alarms }, input) => {
  const given = read(Input.DescribeAlarms, input);
  const found = [...alarms.all.values()].filter(
    ({ name, state }) =>
      (given.AlarmNames.length === 0 || given.AlarmNames.includes(name)) &&
      name.startsWith(given.AlarmNamePrefix ?? "") &&
      (given.StateValue ?? state) === state,
  );
  const wants = (type: "MetricAlarm" | "CompositeAlarm") =>
    given.AlarmTypes.length === 0 ? type === "MetricAlarm" : given.AlarmTypes.includes(type);
  return {
    MetricAlarms: wants("MetricAlarm") ? found.filter(({ rule }) => rule).map(describeAlarm) : [],
    CompositeAlarms: wants("CompositeAlarm")
      ? found.filter(({ composite }) => composite !== undefined).map(describeAlarm)
      : [],
  };
};

const existing = ({ alarms }: State, name: string): Alarm => {
  const alarm = alarms.all.get(name);
  if (alarm) return alarm;
  throw new CloudWatchError("ResourceNotFound", `There is no alarm named ${name}.`, 404);
};

/** Lets alarms act, or keeps them from it. */
export const enableActions =
  (actionsEnabled: boolean): Operation =>
  (state, input) => {
    const { AlarmNames } = read(Input.AlarmNames, input);
    for (const name of AlarmNames) {
      const alarm = state.alarms.all.get(name);
      if (alarm) state.alarms.all.set(name, { ...alarm, actionsEnabled });
    }
    return {};
  };

/** Changes of state, the latest first. */
export const alarmHistory: Operation = ({ alarms }, input) => {
  const { AlarmName, MaxRecords } = read(Input.AlarmHistory, input);
  const items = alarms.history.filter(({ alarm }) => (AlarmName ?? alarm) === alarm).slice(-MaxRecords);
  return {
    AlarmHistoryItems: items.reverse().map(({ alarm, from, to, reason, at }) => ({
      AlarmName: alarm,
      Timestamp: new Date(at),
      HistoryItemType: "StateUpdate",
      HistorySummary: `Alarm updated from ${from} to ${to}`,
      HistoryData: JSON.stringify({
        version: "1.0",
        oldState: { stateValue: from },
        newState: { stateValue: to, stateReason: reason },
      }),
    })),
  };
};

/** Puts an alarm in a state until it is next evaluated. */
export const setAlarmState: Operation = (state, input) => {
  const { AlarmName, StateValue, StateReason } = read(Input.SetAlarmState, input);
  existing(state, AlarmName);
  change(state.cloud, state.alarms, AlarmName, StateValue, StateReason);
  return {};
};

/** Deletes alarms; those that are not there are no error. */
export const deleteAlarms: Operation = ({ alarms }, input) => {
  for (const name of read(Input.AlarmNames, input).AlarmNames) alarms.all.delete(name);
  return {};
};
