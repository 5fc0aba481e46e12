import { More } from "../../ui/surface.tsx";
import { useFollow } from "../follow.tsx";
import { PageHead } from "../page-head.tsx";
import { type Place, usePlace } from "../place.ts";
import { Tabs } from "../tabs.tsx";
import { Devices } from "./devices.tsx";
import { Outbox } from "./outbox.tsx";
import { PublishForm } from "./publish-form.tsx";
import { Topics } from "./topics.tsx";
import "../resources.css";
import "./messages.css";

const names = ["part", "kind"] as const;
/** Where a person stands in the messages. */
export type MessagePlace = Place<(typeof names)[number]>;

const parts = [
  { id: "outbox", name: "Outbox" },
  { id: "topics", name: "Topics" },
  { id: "devices", name: "Devices" },
] as const;
type Part = (typeof parts)[number]["id"];

/** What topics, phones and devices were told. */
export const MessagesPage = () => {
  const place = usePlace(names);
  const { button, following } = useFollow();
  const part: Part = parts.find(({ id }) => id === place.at.part)?.id ?? "outbox";
  return (
    <article className="stack">
      <PageHead title="Messages" lead="Texts, pushes and what topics send on. No phone rings.">
        {button}
      </PageHead>
      <Tabs
        label="Messages"
        tabs={parts}
        chosen={part}
        choose={(id) => place.go({ part: id === "outbox" ? "" : id, kind: "" })}
      >
        {part === "outbox" && (
          <>
            <Outbox place={place} following={following} />
            <More summary="Send a text message">
              <PublishForm to={{}} phone done={() => {}} />
            </More>
          </>
        )}
        {part === "topics" && <Topics following={following} />}
        {part === "devices" && <Devices following={following} />}
      </Tabs>
    </article>
  );
};
