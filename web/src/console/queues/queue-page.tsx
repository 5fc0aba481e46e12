import { type FormEvent, useState } from "react";
import type { Failure } from "../../api/failure.ts";
import { Link } from "../../shell/router.tsx";
import { Button } from "../../ui/button.tsx";
import { SelectField, TextArea, TextField } from "../../ui/field.tsx";
import { count, plural } from "../../ui/format.ts";
import { FailureNotice, More } from "../../ui/surface.tsx";
import { act, useView } from "../client.ts";
import { ConfirmButton } from "../confirm-button.tsx";
import { age, clockTime, shortArn } from "../format.ts";
import { PageHead } from "../page-head.tsx";
import { MessageList } from "./message-list.tsx";
import { type Queue, Sent, type Task, Tasks } from "./queue-data.ts";
import "./queues.css";

const Numbers = ({ queue }: { queue: Queue }) => (
  <p className="row small figures">
    <span>{plural(queue.ready, "message")} ready</span>
    <span>{count(queue.inFlight)} in flight</span>
    <span>{count(queue.delayed)} delayed</span>
    {queue.oldestSeconds > 0 && <span>the oldest {age(queue.oldestSeconds)} old</span>}
    {queue.consumers.map((name) => (
      <Link key={name} to={`/console/functions/${encodeURIComponent(shortArn(name))}`}>
        read by {shortArn(name)}
      </Link>
    ))}
    {queue.deadLettersTo && (
      <Link to={`/console/queues/${encodeURIComponent(shortArn(queue.deadLettersTo))}`}>
        gives up to {shortArn(queue.deadLettersTo)} after {plural(queue.maxReceives ?? 0, "receive")}
      </Link>
    )}
  </p>
);

const stateWords: Readonly<Record<string, string>> = {
  RUNNING: "under way",
  COMPLETED: "done",
  CANCELLING: "stopping",
  CANCELLED: "stopped",
  FAILED: "failed",
};

const TaskRow = ({ task, reload }: { task: Task; reload: () => void }) => (
  <li className="row small">
    <span className="figures">{clockTime(task.startedAt)}</span>
    <progress
      max={Math.max(1, task.total)}
      value={task.status === "COMPLETED" ? task.total : task.moved}
      aria-label="Moved"
    />
    <span className="figures">
      {count(task.moved)} of {count(task.total)} moved, {stateWords[task.status] ?? task.status}
      {task.failure && `: ${task.failure}`}
    </span>
    {task.status === "RUNNING" && (
      <Button
        className="chip"
        onClick={() => void act("sqs/cancel-redrive", { handle: task.handle }).then(reload)}
      >
        Stop
      </Button>
    )}
  </li>
);

const Redrive = ({ queue, reload }: { queue: Queue; reload: () => void }) => {
  const tasks = useView(Tasks, "sqs/tasks", { queue: queue.name }, { everyMs: 700 });
  const [failure, setFailure] = useState<Failure>();
  const [to, setTo] = useState("");
  const start = async () => {
    const answer = await act("sqs/redrive", { queue: queue.name, to });
    setFailure(answer.ok ? undefined : answer.failure);
    tasks.reload();
    reload();
  };
  return (
    <section className="card stack tight" aria-labelledby="redrive">
      <div className="row apart">
        <div>
          <h2 id="redrive">Redrive</h2>
          <p className="small quiet">Moves what is here back, as new messages, for another try.</p>
        </div>
        <Button look="primary" disabled={queue.ready === 0} onClick={() => void start()}>
          Redrive {plural(queue.ready, "message")}
        </Button>
      </div>
      <SelectField label="To" value={to} onChange={(event) => setTo(event.target.value)}>
        <option value="">the queue each message came from</option>
        {queue.deadLetterOf.map(shortArn).map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </SelectField>
      <FailureNotice failure={failure} />
      <div role="status">
        <ul className="tasks">
          {(tasks.data?.tasks ?? []).map((task) => (
            <TaskRow key={task.handle} task={task} reload={tasks.reload} />
          ))}
        </ul>
      </div>
    </section>
  );
};

const SendForm = ({ queue, reload }: { queue: Queue; reload: () => void }) => {
  const [state, setState] = useState<{ busy: boolean; failure?: Failure; traceId?: string }>({ busy: false });
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setState({ busy: true });
    const given = Object.fromEntries([...form].filter(([, value]) => value !== ""));
    const answer = await act("sqs/send", { queue: queue.name, ...given }, Sent);
    setState(
      answer.ok ? { busy: false, traceId: answer.data.traceId } : { busy: false, failure: answer.failure },
    );
    reload();
  };
  return (
    <form className="stack tight" onSubmit={(event) => void submit(event)}>
      <TextArea label="Body" name="body" className="mono" rows={4} spellCheck={false} required />
      {queue.fifo && <TextField label="Message group" name="groupId" optional />}
      <p className="row">
        <Button type="submit" look="primary" busy={state.busy}>
          Send
        </Button>
        <span role="status" className="small">
          {state.traceId && <Link to={`/console/traces/${state.traceId}`}>Sent: its trace</Link>}
        </span>
      </p>
      <FailureNotice failure={state.failure} />
    </form>
  );
};

/** One queue: what waits in it, and what can be done to it. */
export const QueuePage = ({ queue, reload }: { queue: Queue; reload: () => void }) => {
  const purge = async () => {
    const answer = await act("sqs/purge", { queue: queue.name });
    reload();
    return answer.ok ? undefined : answer.failure;
  };
  return (
    <article className="stack">
      <PageHead title={queue.name} eyebrow={<Link to="/console/queues">Queues</Link>}>
        <ConfirmButton
          label="Purge"
          title={`Delete every message of ${queue.name}?`}
          detail="Those in flight go too. This cannot be undone."
          run={purge}
        />
      </PageHead>
      <Numbers queue={queue} />
      {queue.deadLetterOf.length > 0 && <Redrive queue={queue} reload={reload} />}
      <More summary="Send a message">
        <SendForm queue={queue} reload={reload} />
      </More>
      <MessageList queue={queue.name} waiting={queue.ready} />
    </article>
  );
};
