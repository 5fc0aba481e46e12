import { useState } from "react";
import { type Checked, limitsApi, type StandingRule } from "#core/limits/api.schema.ts";
import { call } from "../api/call.ts";
import type { Failure } from "../api/failure.ts";
import { useLoad } from "../api/use-load.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { count, millis } from "../ui/format.ts";
import { Badge, FailureNotice } from "../ui/surface.tsx";
import { check } from "./limits-client.ts";
import { decidedBy } from "./words.ts";

const kept = 24;
interface Decided extends Checked {
  readonly id: number;
  readonly cost: number;
}
let next = 1;

const retryText = ({ retry_after_ms: ms }: Checked) =>
  ms === null ? "never" : ms === 0 ? "" : `again in ${millis(ms)}`;

const Decisions = ({ decided }: { decided: readonly Decided[] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls sideways must be reachable by keyboard
  <section className="table-scroll" aria-label="Decisions" tabIndex={0}>
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Decision</th>
          {["Cost", "Left", "Held for"].map((head) => (
            <th key={head} scope="col" className="number">
              {head}
            </th>
          ))}
          <th scope="col">Retry</th>
          <th scope="col">Decided by</th>
        </tr>
      </thead>
      <tbody>
        {decided.slice(0, 8).map((one) => (
          <tr key={one.id}>
            <td>
              <Badge tone={one.allowed ? "good" : "ember"}>{one.allowed ? "allowed" : "denied"}</Badge>{" "}
              {one.allowed && !one.within_limit && <span className="small quiet">over the limit</span>}
            </td>
            <td className="number">{one.cost}</td>
            <td className="number">{count(one.remaining)}</td>
            <td className="number">{one.wait_ms === 0 ? "" : millis(one.wait_ms)}</td>
            <td className="figures">{retryText(one)}</td>
            <td>{decidedBy[one.decided_by]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

const UsageLine = ({ rule, checkedKey, turn }: { rule: StandingRule; checkedKey: string; turn: number }) => {
  const usage = useLoad(
    (signal) => call(limitsApi.usage, { query: { key: checkedKey, rule: rule.name }, signal }),
    [checkedKey, rule.name, rule.revision, turn],
  );
  const one = usage.data?.usage[0];
  if (!one) return null;
  const most = rule.burst ?? rule.limit;
  return (
    <div className="left" data-testid="usage">
      <div className="meter" aria-hidden="true">
        <span style={{ width: `${Math.min(1, one.remaining / most) * 100}%` }} />
      </div>
      <span className="figures small">
        {count(one.remaining)} of {count(most)} left
        {one.banned_ms > 0 && `, banned for ${millis(one.banned_ms)}`}
        {one.reset_ms > 0 && `, all again in ${millis(one.reset_ms)}`}
      </span>
    </div>
  );
};

/** Decides by one of the own rules, gives back, forgets, and shows what is left. */
export const CheckPanel = ({ rule, owner }: { rule: StandingRule; owner: string }) => {
  const [key, setKey] = useState("visitor-1");
  const [cost, setCost] = useState("1");
  const [decided, setDecided] = useState<readonly Decided[]>([]);
  const [failure, setFailure] = useState<Failure>();
  const [turn, setTurn] = useState(0);
  const [busy, setBusy] = useState("");
  const body = { rule: rule.name, key, cost: Number(cost) };
  const work = async (name: string, doing: () => Promise<Failure | undefined>) => {
    setBusy(name);
    setFailure(await doing());
    setTurn((before) => before + 1);
    setBusy("");
  };
  const checks = (n: number) => async () => {
    let failed: Failure | undefined;
    const one = async () => {
      const outcome = await check(owner, body);
      if (!outcome.ok) failed = outcome.failure;
      else
        setDecided((before) => [{ ...outcome.data, id: next++, cost: body.cost }, ...before].slice(0, kept));
    };
    await Promise.all(Array.from({ length: n }, one));
    return failed;
  };
  const plainly = (operation: typeof limitsApi.refund | typeof limitsApi.reset) => async () => {
    const outcome =
      operation === limitsApi.refund
        ? await call(limitsApi.refund, { body })
        : await call(limitsApi.reset, { body: { rule: body.rule, key } });
    return outcome.ok ? undefined : outcome.failure;
  };
  const actions = [
    ["Check once", checks(1)],
    ["Check 10 at once", checks(10)],
    ["Refund", plainly(limitsApi.refund)],
    ["Reset", plainly(limitsApi.reset)],
  ] as const;
  return (
    <div className="stack">
      <div className="form-grid">
        <TextField
          label="Key"
          hint="Whom to count: any name of yours."
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
        <TextField
          label="Cost"
          hint="Units that a check takes, or a refund gives back."
          inputMode="numeric"
          value={cost}
          onChange={(event) => setCost(event.target.value)}
        />
      </div>
      <div className="row">
        {actions.map(([name, doing], i) => (
          <Button
            key={name}
            {...(i === 0 && { look: "primary" as const })}
            busy={busy === name}
            disabled={busy !== "" && busy !== name}
            onClick={() => void work(name, doing)}
          >
            {name}
          </Button>
        ))}
      </div>
      <UsageLine rule={rule} checkedKey={key} turn={turn} />
      <FailureNotice failure={failure} />
      {decided.length > 0 && <Decisions decided={decided} />}
    </div>
  );
};
