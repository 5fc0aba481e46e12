import { useState } from "react";
import * as v from "valibot";
import type { Failure } from "../../api/failure.ts";
import { Link } from "../../shell/router.tsx";
import { Button } from "../../ui/button.tsx";
import { instant } from "../../ui/format.ts";
import { Badge, Empty, FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { act, useView } from "../client.ts";
import { age, shortArn } from "../format.ts";
import { PageHead } from "../page-head.tsx";

const Schedules = v.object({
  now: v.number(),
  schedules: v.array(
    v.object({
      name: v.string(),
      arn: v.string(),
      expression: v.string(),
      timeZone: v.string(),
      targetArn: v.string(),
      enabled: v.boolean(),
      upcoming: v.array(v.number()),
    }),
  ),
});
const Rules = v.object({
  now: v.number(),
  rules: v.array(
    v.object({
      name: v.string(),
      arn: v.string(),
      enabled: v.boolean(),
      targets: v.array(v.string()),
      schedule: v.optional(v.string()),
      next: v.optional(v.number()),
    }),
  ),
});
const Ran = v.object({ traceId: v.string() });

/** A schedule, or a rule that runs by one. */
interface Entry {
  readonly name: string;
  readonly arn: string;
  readonly service: "scheduler" | "events";
  readonly when: string;
  readonly targets: readonly string[];
  readonly enabled: boolean;
  readonly upcoming: readonly number[];
}

const RunButton = ({ entry }: { entry: Entry }) => {
  const [state, setState] = useState<{ busy: boolean; traceId?: string; failure?: Failure }>({ busy: false });
  const run = async () => {
    setState({ busy: true });
    const answer = await act(`${entry.service}/run`, { arn: entry.arn }, Ran);
    setState(
      answer.ok ? { busy: false, traceId: answer.data.traceId } : { busy: false, failure: answer.failure },
    );
  };
  return (
    <div className="row tight">
      <Button className="chip" busy={state.busy} onClick={() => void run()}>
        Run now<span className="hidden-visually">: {entry.name}</span>
      </Button>
      <span role="status" className="small">
        {state.traceId && <Link to={`/console/traces/${state.traceId}`}>ran: its trace</Link>}
        {state.failure && <span className="bad-text">{state.failure.detail}</span>}
      </span>
    </div>
  );
};

const EntryRow = ({ entry, now }: { entry: Entry; now: number }) => {
  const [next, ...later] = entry.upcoming;
  return (
    <tr>
      <th scope="row">
        {entry.name} {!entry.enabled && <Badge>off</Badge>}
        <code className="small quiet narrow-only">{entry.when}</code>
      </th>
      <td className="wide-only">
        <code className="small">{entry.when}</code>
      </td>
      <td className="wide-only small">{entry.targets.map(shortArn).join(", ")}</td>
      <td className="small figures">
        {next === undefined ? (
          "never"
        ) : (
          <span title={later.map((at) => instant(new Date(at).toISOString())).join("\n")}>
            in {age(Math.max(0, (next - now) / 1_000))}
            <br />
            <span className="quiet">{instant(new Date(next).toISOString())}</span>
          </span>
        )}
      </td>
      <td>
        <RunButton entry={entry} />
      </td>
    </tr>
  );
};

const useEntries = () => {
  const schedules = useView(Schedules, "scheduler/schedules", {}, { everyMs: 5_000 });
  const rules = useView(Rules, "events/rules", {}, { everyMs: 5_000 });
  const entries: readonly Entry[] = [
    ...(schedules.data?.schedules ?? []).map((one) => ({
      ...one,
      service: "scheduler" as const,
      when: `${one.expression} ${one.timeZone}`,
      targets: [one.targetArn],
    })),
    ...(rules.data?.rules ?? [])
      .filter(({ schedule }) => schedule !== undefined)
      .map((one) => ({
        ...one,
        service: "events" as const,
        when: `${one.schedule} UTC`,
        upcoming: one.next === undefined ? [] : [one.next],
      })),
  ];
  return { entries, schedules, now: schedules.data?.now ?? 0 };
};

/** Whatever runs by the clock, and a way to run it now. */
export const SchedulesPage = () => {
  const { entries, schedules, now } = useEntries();
  return (
    <article className="stack">
      <PageHead title="Schedules" lead="Schedules, and rules that run by one." />
      <FailureNotice failure={schedules.failure} retry={schedules.reload} />
      {!schedules.data && schedules.loading && <Skeleton label="Loading schedules" />}
      {schedules.data && entries.length === 0 && <Empty title="The stacks declare no schedule" />}
      {entries.length > 0 && (
        <table className="table console-table">
          <thead>
            <tr>
              <th scope="col">Schedule</th>
              <th scope="col" className="wide-only">
                When
              </th>
              <th scope="col" className="wide-only">
                Target
              </th>
              <th scope="col">Next</th>
              <th scope="col">
                <span className="hidden-visually">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <EntryRow key={entry.arn} entry={entry} now={now} />
            ))}
          </tbody>
        </table>
      )}
    </article>
  );
};
