import { Button } from "../../ui/button.tsx";
import { plural } from "../../ui/format.ts";
import { Badge, FailureNotice, More, Skeleton } from "../../ui/surface.tsx";
import { act, type Following, useView } from "../client.ts";
import { Code } from "../code.tsx";
import { shortArn } from "../format.ts";
import { TryThis } from "../try-this.tsx";
import { Topics as All, pretty, type Subscription, type Topic } from "./message-data.ts";
import { PublishForm } from "./publish-form.tsx";

const SubscriptionRow = ({ one, reload }: { one: Subscription; reload: () => void }) => {
  const confirm = async () => {
    await act("sns/confirm", { subscriptionArn: one.arn });
    reload();
  };
  return (
    <tr>
      <td>
        <Badge>{one.protocol}</Badge>
      </td>
      <th scope="row">
        {one.endpoint.startsWith("arn:") ? shortArn(one.endpoint) : one.endpoint}
        {one.filter && (
          <More summary={`Only what matches${one.scope === "MessageBody" ? ", by its body" : ""}`}>
            <Code label={`Filter policy of ${one.endpoint}`} text={pretty(one.filter)} />
          </More>
        )}
      </th>
      <td className="end">
        {one.pending && (
          <Button className="chip" onClick={() => void confirm()}>
            Confirm<span className="hidden-visually"> {one.endpoint}</span>
          </Button>
        )}
      </td>
    </tr>
  );
};

const Subscriptions = ({ topic, reload }: { topic: Topic; reload: () => void }) => (
  <table className="table console-table">
    <thead>
      <tr>
        <th scope="col">By</th>
        <th scope="col">To</th>
        <th scope="col" className="end">
          {topic.subscriptions.some(({ pending }) => pending) ? "Waits to be confirmed" : ""}
          <span className="hidden-visually">State</span>
        </th>
      </tr>
    </thead>
    <tbody>
      {topic.subscriptions.map((one) => (
        <SubscriptionRow key={one.arn} one={one} reload={reload} />
      ))}
    </tbody>
  </table>
);

const TopicCard = ({ topic, reload }: { topic: Topic; reload: () => void }) => (
  <section className="card stack tight" aria-labelledby={topic.arn}>
    <div className="row apart">
      <h2 id={topic.arn} className="topic-name">
        {topic.name} {topic.fifo && <Badge>FIFO</Badge>}
      </h2>
      <span className="small quiet figures">
        {plural(topic.subscriptions.length, "subscription")}
        {topic.waiting > 0 && `, ${plural(topic.waiting, "delivery", "deliveries")} waiting`}
      </span>
    </div>
    {topic.subscriptions.length === 0 && <p className="small quiet">Nobody hears of it.</p>}
    {topic.subscriptions.length > 0 && <Subscriptions topic={topic} reload={reload} />}
    <More summary="Publish a message">
      <PublishForm to={{ topicArn: topic.arn }} fifo={topic.fifo} done={reload} />
    </More>
  </section>
);

/** Topics, who hears of them, and what each wants to hear. */
export const Topics = ({ following }: { following: Following }) => {
  const view = useView(All, "sns/topics", {}, following);
  const topics = view.data ?? [];
  return (
    <>
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading topics" />}
      {view.data && topics.length === 0 && (
        <TryThis title="There is no topic" command="aws sns create-topic --name news">
          The stacks declare none. One can be made by API, too.
        </TryThis>
      )}
      {topics.map((topic) => (
        <TopicCard key={topic.arn} topic={topic} reload={view.reload} />
      ))}
    </>
  );
};
