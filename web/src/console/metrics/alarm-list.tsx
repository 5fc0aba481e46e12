import { useState } from "react";
import type { Failure } from "../../api/failure.ts";
import { Link } from "../../shell/router.tsx";
import { Button } from "../../ui/button.tsx";
import { Badge, FailureNotice } from "../../ui/surface.tsx";
import { act } from "../client.ts";
import { Facts } from "../facts.tsx";
import { dayTime, shortArn } from "../format.ts";
import { TryThis } from "../try-this.tsx";
import { type Alarm, type Change, conditionOf } from "./metric-data.ts";
import type { MetricPlace } from "./metrics-page.tsx";

const tones = { OK: "good", ALARM: "bad", INSUFFICIENT_DATA: "" } as const;
const words = { OK: "OK", ALARM: "in alarm", INSUFFICIENT_DATA: "no data" } as const;
const ranks = { ALARM: 0, OK: 1, INSUFFICIENT_DATA: 2 } as const;
const states = ["ALARM", "OK", "INSUFFICIENT_DATA"] as const;

const stateWord = (state: string): string => words[state as Alarm["state"]] ?? state;

const History = ({ changes }: { changes: readonly Change[] }) => (
  <ol className="alarm-history">
    {changes.slice(0, 20).map((change) => (
      <li key={`${change.at} ${change.to}`}>
        <span className="times">{dayTime(change.at)}</span>
        <span className="small">
          {stateWord(change.from)} → {stateWord(change.to)}
          <span className="quiet">: {change.reason}</span>
        </span>
      </li>
    ))}
  </ol>
);

const SetState = ({ alarm, reload }: { alarm: Alarm; reload: () => void }) => {
  const [failure, setFailure] = useState<Failure>();
  const set = async (state: string) => {
    const input = { AlarmName: alarm.name, StateValue: state, StateReason: "Set at the console" };
    const answer = await act("monitoring/set-state", input);
    setFailure(answer.ok ? undefined : answer.failure);
    reload();
  };
  return (
    <>
      <fieldset className="row tight">
        <legend className="small quiet">Set its state, and run its actions, until it is next judged</legend>
        {states.map((state) => (
          <Button
            key={state}
            className="chip"
            aria-pressed={state === alarm.state}
            onClick={() => void set(state)}
          >
            {stateWord(state)}
          </Button>
        ))}
      </fieldset>
      <FailureNotice failure={failure} />
    </>
  );
};

const AlarmItem = ({
  alarm,
  changes,
  place,
  reload,
}: {
  alarm: Alarm;
  changes: readonly Change[];
  place: MetricPlace;
  reload: () => void;
}) => (
  <li className="entry">
    <details>
      <summary>
        <span className="entry-name">{alarm.name}</span>
        <span className="times wide-text">since {dayTime(alarm.changedAt)}</span>
        <Badge tone={tones[alarm.state]}>{words[alarm.state]}</Badge>
      </summary>
      <div className="stack tight entry-open">
        {alarm.description && <p className="small quiet">{alarm.description}</p>}
        <Facts
          facts={[
            ["Raised when", conditionOf(alarm)],
            ["Now", alarm.reason],
            ["Since", dayTime(alarm.changedAt)],
            [
              "Tells",
              alarm.actionsEnabled ? alarm.actions.map(shortArn).join(", ") : "nobody: its actions are off",
            ],
            ["Declared in", alarm.source],
          ]}
        />
        <p className="row tight">
          {alarm.watches?.metrics.map(({ key, name }) => (
            <Link key={key} className="button chip" to={place.to({ part: "metrics", metric: key })}>
              See {name}
            </Link>
          ))}
        </p>
        <SetState alarm={alarm} reload={reload} />
        {changes.length > 0 && <History changes={changes} />}
      </div>
    </details>
  </li>
);

/** Alarms, those that are raised first. */
export const AlarmList = ({
  alarms,
  changes,
  place,
  reload,
}: {
  alarms: readonly Alarm[];
  changes: readonly Change[];
  place: MetricPlace;
  reload: () => void;
}) => {
  if (alarms.length === 0) {
    return (
      <TryThis
        title="There is no alarm"
        command="aws cloudwatch put-metric-alarm --alarm-name many-loans --namespace Library --metric-name Loans --statistic Sum --period 60 --evaluation-periods 1 --threshold 10 --comparison-operator GreaterThanThreshold"
      />
    );
  }
  const sorted = alarms.toSorted((a, b) => ranks[a.state] - ranks[b.state] || a.name.localeCompare(b.name));
  return (
    <ul className="entries">
      {sorted.map((alarm) => (
        <AlarmItem
          key={alarm.name}
          alarm={alarm}
          changes={changes.filter((change) => change.alarm === alarm.name)}
          place={place}
          reload={reload}
        />
      ))}
    </ul>
  );
};
