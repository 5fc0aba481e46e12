import { plural } from "../../ui/format.ts";
import { Badge } from "../../ui/surface.tsx";
import type { Summary } from "./trace-data.ts";

const toneOf = ({ status, errors }: Summary) => {
  if ((status ?? 0) >= 500) return "bad";
  if ((status ?? 0) >= 400) return "ember";
  return errors > 0 && status === undefined ? "bad" : "good";
};

/** What is worth knowing of a trace beside its time: cold starts, retries, faults, errors within. */
export const Marks = ({ trace }: { trace: Summary }) => (
  <>
    {trace.coldStarts > 0 && <Badge tone="ember">{plural(trace.coldStarts, "cold start")}</Badge>}
    {trace.retries > 0 && <Badge tone="iris">{plural(trace.retries, "retry", "retries")}</Badge>}
    {trace.faults > 0 && <Badge tone="iris">{plural(trace.faults, "fault")}</Badge>}
    {trace.errors > 0 && <Badge tone="bad">{plural(trace.errors, "error")}</Badge>}
  </>
);

/** The status a trace was answered with, or what began it. */
export const Status = ({ trace }: { trace: Summary }) => (
  <Badge tone={toneOf(trace)}>{trace.status ?? (trace.errors > 0 ? "failed" : "done")}</Badge>
);
