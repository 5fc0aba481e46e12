import { useEffect, useRef, useState } from "react";
import type { Failure } from "../api/failure.ts";
import { Button } from "../ui/button.tsx";
import { Choices } from "../ui/field.tsx";
import { count } from "../ui/format.ts";
import { FailureNotice } from "../ui/surface.tsx";
import { freshSpace } from "./cache-client.ts";
import { StampedeChart } from "./stampede-chart.tsx";
import { READERS, type Reader, SLOW_MS, stampede, together } from "./stampede-run.ts";

/** Protection of the cold key: one load for all, or each its own. */
type Protection = "on" | "off";
type Runs = Readonly<Record<Protection, readonly Reader[]>>;

const useStampede = () => {
  const [runs, setRuns] = useState<Runs>({ on: [], off: [] });
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const control = useRef<AbortController>(undefined);
  useEffect(() => () => control.current?.abort(), []);
  const run = async (protection: Protection) => {
    control.current = new AbortController();
    const { signal } = control.current;
    setBusy(true);
    setFailure(undefined);
    setRuns((before) => ({ ...before, [protection]: [] }));
    const space = freshSpace("stampede");
    const put = await space.put("cold", { value: "from the record", strategy: "cache-aside" }, signal);
    if (put.ok)
      await stampede(space, protection === "on", signal, (reader) => {
        if (!reader.got.ok) setFailure(reader.got.failure);
        setRuns((before) => ({ ...before, [protection]: [...before[protection], reader] }));
      });
    else setFailure(put.failure);
    setBusy(false);
  };
  return { runs, busy, failure, run, stop: () => control.current?.abort() };
};

/** Many readers of a key that no tier holds, with protection and without: who asks the origin, who waits. */
export const Stampede = () => {
  const [protection, setProtection] = useState<Protection>("on");
  const { runs, busy, failure, run, stop } = useStampede();
  const longest = Math.max(SLOW_MS * 2, ...[...runs.on, ...runs.off].map(({ to }) => to));
  return (
    <div className="card stack" data-testid="stampede">
      <div className="stack tight">
        <h3>A stampede</h3>
        <p className="quiet small">
          {count(READERS)} readers want a key that no tier holds, {together()} under way at a time, and its
          origin takes {SLOW_MS} ms. Protected, one loads and the others wait for it; unprotected, everybody
          who comes before the first load ends asks the origin too.
        </p>
      </div>
      <Choices
        legend="Protection"
        name="protection"
        value={protection}
        options={[
          ["on", "On"],
          ["off", "Off"],
        ]}
        onChange={setProtection}
      />
      <div className="row">
        <Button look="primary" busy={busy} onClick={() => void run(protection)}>
          Send {READERS} readers
        </Button>
        {busy && (
          <Button look="plain" onClick={stop}>
            Stop
          </Button>
        )}
      </div>
      <FailureNotice failure={failure} />
      <div className="stampedes">
        <StampedeChart title="Protection on" name="on" readers={runs.on} longest={longest} />
        <StampedeChart title="Protection off" name="off" readers={runs.off} longest={longest} />
      </div>
      <p className="small quiet">
        Each line is a reader, from asking to its answer as this browser measured it. Over HTTP/1.1 a browser
        opens six connections to an address, so six readers meet; where more can, an unprotected origin is
        asked by as many as come within its {SLOW_MS} ms.
      </p>
    </div>
  );
};
