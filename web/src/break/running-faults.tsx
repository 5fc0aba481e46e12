import { useState } from "react";
import type { Failure } from "../api/failure.ts";
import type { MapNode } from "../map/map-data.ts";
import { Button } from "../ui/button.tsx";
import { count } from "../ui/format.ts";
import { Badge, Empty, FailureNotice } from "../ui/surface.tsx";
import { healAll, isOver, type Running, stop } from "./break-data.ts";
import { breakagesOf } from "./break-specs.ts";

const listed = (value: string | readonly string[] | undefined): string => [value ?? []].flat().join(", ");

/** A rule in words: by the names of the map where it knows them, else as it was written. */
const inWords = ({ on, fault }: Running, nodes: readonly MapNode[]): readonly [what: string, how: string] => {
  const named = listed(on.function) || listed(on.target);
  const node = nodes.find(({ id }) => id === named || id.endsWith(`/${named}`) || id.endsWith(`:${named}`));
  const known = node && breakagesOf(node).find((one) => JSON.stringify(one.fault) === JSON.stringify(fault));
  const elsewhere = [listed(on.service), listed(on.operation)].filter(Boolean).join(" ");
  return [node?.label ?? (named || elsewhere || "Everything"), known?.label ?? fault.kind];
};

const strengthOf = (rule: Running): string => {
  const { when } = rule;
  if (isOver(rule)) return "over";
  if (when.times !== undefined) return when.times === 1 ? "once" : `${when.times} times`;
  return when.probability === undefined ? "always" : `${Math.round(when.probability * 100)} %`;
};

/** What is broken now: how often each fault struck, and a way to end it. */
export const RunningFaults = ({ rules, nodes }: { rules: readonly Running[]; nodes: readonly MapNode[] }) => {
  const [failure, setFailure] = useState<Failure>();
  const end = async (work: Promise<Failure | undefined>) => setFailure(await work);
  return (
    <section className="stack tight" aria-labelledby="running-faults">
      <div className="row apart">
        <h4 id="running-faults">Broken now</h4>
        {rules.length > 0 && <Button onClick={() => void end(healAll())}>Heal all</Button>}
      </div>
      <FailureNotice failure={failure} />
      {rules.length === 0 ? (
        <Empty title="Nothing is broken">Choose something above, break it, and use the page as before.</Empty>
      ) : (
        <ul className="fault-list">
          {rules.map((rule) => {
            const [what, how] = inWords(rule, nodes);
            return (
              <li key={rule.id} data-fault={rule.id}>
                <span>
                  <strong>{what}</strong> {how}
                </span>
                <Badge {...(!isOver(rule) && { tone: "ember" })}>{strengthOf(rule)}</Badge>
                <span className="quiet figures small">
                  {count(rule.injected)} of {count(rule.seen)}
                </span>
                <Button
                  look="plain"
                  onClick={() => void end(stop(rule.id))}
                  aria-label={`Stop: ${what} ${how}`}
                >
                  Stop
                </Button>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
};
