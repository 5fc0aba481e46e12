import { useState } from "react";
import { Link } from "../../shell/router.tsx";
import { Button } from "../../ui/button.tsx";
import { Badge, Empty, FailureNotice } from "../../ui/surface.tsx";
import { act, useView } from "../client.ts";
import { Code } from "../code.tsx";
import { ConfirmButton } from "../confirm-button.tsx";
import { clockTime, shortArn } from "../format.ts";
import { type Message, Messages } from "./queue-data.ts";

const traceIdOf = (header: string | undefined) => /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/.exec(header ?? "")?.[1];

const pretty = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

const states: Readonly<Record<string, string>> = { ready: "ready", flying: "in flight", delayed: "delayed" };

const Facts = ({ message }: { message: Message }) => (
  <dl className="facts">
    {[
      ["Id", message.id],
      ["Group", message.groupId ?? ""],
      ["Gave it up", message.deadLetterSource ? shortArn(message.deadLetterSource) : ""],
      ["Visible from", message.state === "ready" ? "" : clockTime(message.visibleAt)],
      ...Object.entries(message.attributes),
    ]
      .filter(([, value]) => value !== "")
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);

const MessageItem = ({ queue, message, reload }: { queue: string; message: Message; reload: () => void }) => {
  const trace = traceIdOf(message.trace);
  const remove = async () => {
    const answer = await act("sqs/delete", { queue, id: message.id });
    reload();
    return answer.ok ? undefined : answer.failure;
  };
  return (
    <li className="message">
      <details>
        <summary>
          <span className="figures">{clockTime(message.sentAt)}</span>
          <span className="message-body">{message.body}</span>
          <Badge>{states[message.state] ?? message.state}</Badge>
          <span className="small quiet figures">
            {message.receives === 1 ? "1 receive" : `${message.receives} receives`}
          </span>
        </summary>
        <div className="stack tight message-open">
          <Code label="Body" text={pretty(message.body)} />
          <Facts message={message} />
          <div className="row tight">
            {trace && (
              <Link className="button chip" to={`/console/traces/${trace}`}>
                Its trace
              </Link>
            )}
            <ConfirmButton
              chip
              label="Delete"
              title="Delete this message?"
              detail="Nobody will receive it. This cannot be undone."
              run={remove}
            />
          </div>
        </div>
      </details>
    </li>
  );
};

/** Messages of a queue, looked at without receiving them: nothing is hidden from its consumers. */
export const MessageList = ({ queue, waiting }: { queue: string; waiting: number }) => {
  const [from, setFrom] = useState(0);
  const view = useView(Messages, "sqs/messages", { queue, from }, { everyMs: 1_500 });
  const { messages = [], total = waiting, next } = view.data ?? {};
  return (
    <section className="stack tight" aria-labelledby="messages">
      <h2 id="messages">Messages</h2>
      <FailureNotice failure={view.failure} />
      {view.data && messages.length === 0 && (
        <Empty title={from === 0 ? "The queue is empty" : "No more here"} />
      )}
      {messages.length > 0 && (
        <ul className="messages">
          {messages.map((message) => (
            <MessageItem key={message.id} queue={queue} message={message} reload={view.reload} />
          ))}
        </ul>
      )}
      {(from > 0 || next !== undefined) && (
        <div className="row">
          <Button disabled={from === 0} onClick={() => setFrom(Math.max(0, from - 50))}>
            Before
          </Button>
          <span className="small quiet figures">
            {from + 1}–{from + messages.length} of {total}
          </span>
          <Button disabled={next === undefined} onClick={() => setFrom(next ?? from)}>
            After
          </Button>
        </div>
      )}
    </section>
  );
};
