import { useState } from "react";
import type { Failure } from "../api/failure.ts";
import { useLoad } from "../api/use-load.ts";
import { loadMap, type MapNode } from "../map/map-data.ts";
import { Button } from "../ui/button.tsx";
import { Choices, SelectField } from "../ui/field.tsx";
import { FailureNotice, Skeleton } from "../ui/surface.tsx";
import { breakIt, useFaults } from "./break-data.ts";
import { breakagesOf, type Strength, strengths, toRule } from "./break-specs.ts";
import { RunningFaults } from "./running-faults.tsx";
import "./break.css";

const plurals: Readonly<Record<string, string>> = {
  api: "APIs",
  function: "Functions",
  table: "Tables",
  queue: "Queues",
  bus: "Event buses",
  topic: "Topics",
  bucket: "Buckets",
  users: "User pools",
};

// What all patterns use is made with the platform, and is its pattern's by name alone: LimitsTable, CacheTable.
const isOf = (node: MapNode, group: string | undefined): boolean =>
  group !== undefined && (node.group === group || node.label.toLowerCase().startsWith(group));

const Group = ({ label, nodes }: { label: string; nodes: readonly MapNode[] }) =>
  nodes.length > 0 && (
    <optgroup label={label}>
      {nodes.map(({ id, label: name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </optgroup>
  );

const Targets = ({ nodes, group }: { nodes: readonly MapNode[]; group: string | undefined }) => {
  return (
    <>
      <Group label="Of this pattern" nodes={nodes.filter((node) => isOf(node, group))} />
      {Object.entries(plurals).map(([type, label]) => (
        <Group
          key={type}
          label={label}
          nodes={nodes.filter((node) => node.type === type && !isOf(node, group))}
        />
      ))}
    </>
  );
};

const options = Object.entries(strengths).map(([name, [label]]) => [name as Strength, label] as const);

const Form = ({ nodes, group }: { nodes: readonly MapNode[]; group: string | undefined }) => {
  const [target, setTarget] = useState<string>();
  const [chosen, setChosen] = useState("");
  const [strength, setStrength] = useState<Strength>("often");
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const node = nodes.find(({ id }) => id === target) ?? nodes[0];
  if (!node) return null;
  const breakages = breakagesOf(node);
  const breakage = breakages.find(({ id }) => id === chosen) ?? breakages[0];
  if (!breakage) return null;
  const submit = async () => {
    setBusy(true);
    setFailure(await breakIt(toRule(node, breakage, strength)));
    setBusy(false);
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void submit();
      }}
    >
      <div className="form-grid">
        <SelectField label="What" value={node.id} onChange={(event) => setTarget(event.target.value)}>
          <Targets nodes={nodes} group={group} />
        </SelectField>
        <SelectField
          label="How"
          hint={breakage.effect}
          value={breakage.id}
          onChange={(event) => setChosen(event.target.value)}
        >
          {breakages.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </SelectField>
      </div>
      <Choices legend="How often" name="strength" value={strength} options={options} onChange={setStrength} />
      <div className="row">
        <Button type="submit" look="ember" busy={busy}>
          Break it
        </Button>
      </div>
      <FailureNotice failure={failure} />
    </form>
  );
};

/** Chooses a resource, a fault and how often, and shows what is broken. `group` first shows that pattern's own, its table before all. */
export const BreakPanel = ({ group }: { group?: string }) => {
  const map = useLoad(loadMap, []);
  const faults = useFaults();
  const nodes = map.data && map.data !== "absent" ? map.data.nodes : [];
  const breakable = nodes
    .filter((node) => breakagesOf(node).length > 0)
    .toSorted(
      (a, b) =>
        Number(isOf(b, group)) - Number(isOf(a, group)) ||
        Number(b.type === "table") - Number(a.type === "table") ||
        a.label.localeCompare(b.label),
    );
  return (
    <section className="card stack break-panel" aria-labelledby="break-panel-title">
      <header className="stack tight">
        <h3 id="break-panel-title">Break the system itself</h3>
        <p className="quiet small">
          Faults of real systems, put between the parts of the local cloud. They stay until you stop them,
          whatever page you are on; each shows in the trace of what it struck.
        </p>
      </header>
      {map.loading && !map.data && <Skeleton label="Loading what can be broken" />}
      <FailureNotice failure={map.failure} retry={map.reload} />
      <Form nodes={breakable} group={group} />
      {faults && faults !== "absent" && <RunningFaults rules={faults.rules} nodes={nodes} />}
    </section>
  );
};
