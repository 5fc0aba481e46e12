import { type FormEvent, useState } from "react";
import * as v from "valibot";
import type { Failure } from "../../api/failure.ts";
import { Button } from "../../ui/button.tsx";
import { TextArea } from "../../ui/field.tsx";
import { count, plural } from "../../ui/format.ts";
import { Badge, FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { useNow } from "../../ui/use-now.ts";
import { act, useView } from "../client.ts";
import { ConfirmButton } from "../confirm-button.tsx";
import { Facts } from "../facts.tsx";
import { useFollow } from "../follow.tsx";
import { age, clockTime } from "../format.ts";
import { PageHead } from "../page-head.tsx";
import { TryThis } from "../try-this.tsx";
import "../resources.css";

const Connection = v.object({
  id: v.string(),
  api: v.string(),
  stage: v.string(),
  connectedAt: v.string(),
  lastActiveAt: v.string(),
  sourceIp: v.string(),
  userAgent: v.optional(v.string()),
  principal: v.optional(v.string()),
  received: v.number(),
  sent: v.number(),
});
type Connection = v.InferOutput<typeof Connection>;

const Connections = v.object({ total: v.number(), connections: v.array(Connection) });

const SendForm = ({ id, done }: { id: string; done: () => void }) => {
  const [state, setState] = useState<{ busy: boolean; failure?: Failure; sent?: boolean }>({ busy: false });
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = String(new FormData(event.currentTarget).get("data") ?? "");
    setState({ busy: true });
    const answer = await act("execute-api/send", { id, data });
    setState(answer.ok ? { busy: false, sent: true } : { busy: false, failure: answer.failure });
    done();
  };
  return (
    <form className="stack tight" onSubmit={(event) => void submit(event)}>
      <TextArea label="Message" name="data" className="mono" rows={3} spellCheck={false} required />
      <p className="row">
        <Button type="submit" look="primary" busy={state.busy}>
          Send
        </Button>
        <span role="status" className="small">
          {state.sent && "Sent."}
        </span>
      </p>
      <FailureNotice failure={state.failure} />
    </form>
  );
};

const ConnectionItem = ({ one, now, reload }: { one: Connection; now: number; reload: () => void }) => {
  const seconds = (iso: string) => Math.max(0, (now - Date.parse(iso)) / 1_000);
  const disconnect = async () => {
    const answer = await act("execute-api/disconnect", { id: one.id });
    reload();
    return answer.ok ? undefined : answer.failure;
  };
  return (
    <li className="entry">
      <details>
        <summary>
          <span className="entry-name mono">{one.id}</span>
          {one.principal && <Badge tone="accent">{one.principal}</Badge>}
          <span className="times">{age(seconds(one.connectedAt))}</span>
          <span className="times">
            {count(one.received)} in, {count(one.sent)} out
          </span>
        </summary>
        <div className="stack entry-open">
          <Facts
            facts={[
              ["API", `${one.api}, stage ${one.stage}`],
              ["Connected", clockTime(Date.parse(one.connectedAt))],
              ["Last active", `${age(seconds(one.lastActiveAt))} ago`],
              ["From", one.sourceIp],
              ["Client", one.userAgent],
              ["Principal", one.principal],
            ]}
          />
          <SendForm id={one.id} done={reload} />
          <p>
            <ConfirmButton
              chip
              label="Disconnect"
              title="Close this connection?"
              detail="Its client sees a normal end, and the API's $disconnect route runs."
              run={disconnect}
            />
          </p>
        </div>
      </details>
    </li>
  );
};

/** Who is connected to the WebSocket APIs: to be written to, and to be cut off. */
export const ConnectionsPage = () => {
  const { button, following } = useFollow(1_500);
  const view = useView(Connections, "execute-api/connections", {}, following);
  const now = useNow(1_000, following.everyMs !== undefined);
  const { total = 0, connections = [] } = view.data ?? {};
  return (
    <article className="stack">
      <PageHead
        title="Connections"
        lead={
          total > connections.length
            ? `${count(total)}, of which the newest are shown`
            : plural(total, "open WebSocket")
        }
      >
        {button}
      </PageHead>
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading connections" />}
      {view.data && connections.length === 0 && (
        <TryThis
          title="Nobody is connected"
          command={`npx wscat --connect ws://${location.host}/_aws/execute-api/API/STAGE`}
        >
          Each WebSocket API that the stacks declare is served there, by its id and the name of its stage.
        </TryThis>
      )}
      {connections.length > 0 && (
        <ul className="entries">
          {connections.map((one) => (
            <ConnectionItem key={one.id} one={one} now={now} reload={view.reload} />
          ))}
        </ul>
      )}
    </article>
  );
};
