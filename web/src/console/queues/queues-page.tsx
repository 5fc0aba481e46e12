import { Link } from "../../shell/router.tsx";
import { count } from "../../ui/format.ts";
import { Badge, Empty, FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { useView } from "../client.ts";
import { age } from "../format.ts";
import { PageHead } from "../page-head.tsx";
import type { PageProps } from "../pages.ts";
import { type Queue, Queues } from "./queue-data.ts";
import { QueuePage } from "./queue-page.tsx";

const QueueRow = ({ queue }: { queue: Queue }) => {
  const dead = queue.deadLetterOf.length > 0;
  return (
    <tr>
      <th scope="row">
        <Link to={`/console/queues/${encodeURIComponent(queue.name)}`}>{queue.name}</Link>{" "}
        {dead && <Badge tone={queue.ready > 0 ? "bad" : ""}>dead letters</Badge>}
        {queue.fifo && <Badge>FIFO</Badge>}
      </th>
      <td className={`number ${dead && queue.ready > 0 ? "bad-text" : ""}`}>{count(queue.ready)}</td>
      <td className="number">{count(queue.inFlight)}</td>
      <td className="number wide-only">{count(queue.delayed)}</td>
      <td className="number wide-only">{queue.oldestSeconds === 0 ? "" : age(queue.oldestSeconds)}</td>
    </tr>
  );
};

/** Every queue and what waits in it; one of them, when it is named. */
export const QueuesPage = ({ rest: [name] }: PageProps) => {
  const view = useView(Queues, "sqs/queues", {}, { everyMs: 1_500 });
  const queues = view.data?.queues ?? [];
  const chosen = queues.find((queue) => queue.name === name);
  if (chosen) return <QueuePage key={chosen.name} queue={chosen} reload={view.reload} />;
  return (
    <article className="stack">
      <PageHead title="Queues" />
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading queues" />}
      {view.data && name !== undefined && <p role="alert">There is no queue {name}.</p>}
      {view.data && queues.length === 0 && <Empty title="The stacks declare no queue" />}
      {queues.length > 0 && (
        <table className="table console-table">
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col" className="number">
                Ready
              </th>
              <th scope="col" className="number">
                In flight
              </th>
              <th scope="col" className="number wide-only">
                Delayed
              </th>
              <th scope="col" className="number wide-only">
                Oldest
              </th>
            </tr>
          </thead>
          <tbody>
            {queues.map((queue) => (
              <QueueRow key={queue.arn} queue={queue} />
            ))}
          </tbody>
        </table>
      )}
    </article>
  );
};
