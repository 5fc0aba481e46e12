import { Link } from "../shell/router.tsx";
import type { TrialAnswer } from "./request.ts";

const traceIdOf = ({ headers }: TrialAnswer): string | undefined => {
  const header = headers.find(([name]) => name === "x-amzn-trace-id")?.[1] ?? "";
  return /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/.exec(header)?.[1];
};

/** Leads from an answer to its trace, where a console can show it. */
export const AnswerTrace = ({ answer }: { answer: TrialAnswer }) => {
  const id = import.meta.env.VITE_LOCAL_CLOUD ? traceIdOf(answer) : undefined;
  return id === undefined ? null : <Link to={`/console/traces/${id}`}>Trace</Link>;
};
