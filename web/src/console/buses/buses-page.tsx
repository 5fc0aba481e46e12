import { useState } from "react";
import { Button } from "../../ui/button.tsx";
import { plural } from "../../ui/format.ts";
import { Badge, FailureNotice, More, Skeleton } from "../../ui/surface.tsx";
import { useView } from "../client.ts";
import { Code } from "../code.tsx";
import { useFollow } from "../follow.tsx";
import { shortArn } from "../format.ts";
import { KindIcon, kindOfArn } from "../kind-icon.tsx";
import { PageHead } from "../page-head.tsx";
import { type Bus, pretty, type Rule, Rules, sampleFor } from "./bus-data.ts";
import { PutForm } from "./put-form.tsx";
import "../resources.css";
import "./buses.css";

const Targets = ({ arns }: { arns: readonly string[] }) => (
  <ul className="targets">
    {arns.map((arn) => (
      <li key={arn} title={arn}>
        <KindIcon kind={kindOfArn(arn)} /> {shortArn(arn)}
      </li>
    ))}
  </ul>
);

const RuleItem = ({ rule, begin }: { rule: Rule; begin: () => void }) => (
  <li className="entry">
    <details>
      <summary>
        <span className="entry-name">{rule.name}</span>
        {rule.schedule && <Badge>{rule.schedule}</Badge>}
        {!rule.enabled && <Badge tone="bad">disabled</Badge>}
        <span className="times">{plural(rule.targets.length, "target")}</span>
      </summary>
      <div className="stack tight entry-open">
        {rule.description && <p className="small quiet">{rule.description}</p>}
        {rule.pattern && <Code label={`Pattern of ${rule.name}`} text={pretty(rule.pattern)} />}
        <h3>{rule.targets.length === 0 ? "It has no target" : "Targets"}</h3>
        <Targets arns={rule.targets} />
        {rule.pattern && (
          <p>
            <Button className="chip" onClick={begin}>
              An event like this
            </Button>
          </p>
        )}
      </div>
    </details>
  </li>
);

const BusSection = ({ bus, rules }: { bus: Bus; rules: readonly Rule[] }) => {
  const patterned = rules.filter(({ pattern }) => pattern !== undefined);
  const [like, setLike] = useState({ rule: patterned[0]?.name, turn: 0 });
  const sample = sampleFor(patterned.find(({ name }) => name === like.rule));
  const begin = (rule: string) => {
    setLike(({ turn }) => ({ rule, turn: turn + 1 }));
    document.getElementById(`put-${bus.name}`)?.querySelector("summary")?.focus();
  };
  return (
    <section className="card stack tight" aria-labelledby={bus.arn}>
      <h2 id={bus.arn} className="bus-name">
        {bus.name}
      </h2>
      {rules.length === 0 && <p className="small quiet">No rule: what is put here, nobody hears.</p>}
      {rules.length > 0 && (
        <ul className="entries">
          {rules.map((rule) => (
            <RuleItem key={rule.arn} rule={rule} begin={() => begin(rule.name)} />
          ))}
        </ul>
      )}
      <div id={`put-${bus.name}`}>
        <More key={like.turn} summary="Put an event on it" {...(like.turn > 0 && { open: true })}>
          <PutForm bus={bus.name} sample={sample} />
        </More>
      </div>
    </section>
  );
};

/** Event buses, their rules, and an event to try them with. */
export const BusesPage = () => {
  const { button, following } = useFollow(4_000);
  const view = useView(Rules, "events/rules", {}, following);
  const { buses = [], rules = [] } = view.data ?? {};
  return (
    <article className="stack">
      <PageHead title="Event buses">{button}</PageHead>
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading buses" />}
      {buses.map((bus) => (
        <BusSection key={bus.arn} bus={bus} rules={rules.filter((rule) => rule.bus === bus.name)} />
      ))}
    </article>
  );
};
