import { millis, plural } from "../ui/format.ts";
import { Badge } from "../ui/surface.tsx";
import { AnswerTrace } from "./answer-trace.tsx";
import { type Sent, useHistory } from "./history.ts";

const Call = ({ call }: { call: Sent }) => (
  <li className="history-call">
    <span className="quiet figures">{new Date(call.at).toLocaleTimeString("en-GB")}</span>
    <span className="method" data-method={call.method}>
      {call.method}
    </span>
    <code className="history-address">{call.address}</code>
    <Badge tone={call.answer.ok ? "good" : "bad"}>{call.answer.status}</Badge>
    <span className="figures">{millis(call.answer.ms)}</span>
    <AnswerTrace answer={call.answer} />
  </li>
);

/** What was sent from this page, the latest first. */
export const History = () => {
  const calls = useHistory();
  if (calls.length === 0) return null;
  return (
    <details className="more history" open>
      <summary>{plural(calls.length, "call")} sent from here</summary>
      <ol className="history-calls">
        {calls.map((call) => (
          <Call key={call.id} call={call} />
        ))}
      </ol>
    </details>
  );
};
