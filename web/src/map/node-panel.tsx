import { useEffect, useRef } from "react";
import { Button } from "../ui/button.tsx";
import { millis } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { Badge } from "../ui/surface.tsx";
import { type Activity, useActivity } from "./activity.ts";
import { kindOf, type MapNode, type SystemMap } from "./map-data.ts";
import type { Span } from "./span.ts";

const words = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);

const Settings = ({ node }: { node: MapNode }) => (
  <dl className="settings">
    {node.file && (
      <div>
        <dt>Declared or handled in</dt>
        <dd>{node.file}</dd>
      </div>
    )}
    {Object.entries(node.settings).map(([key, value]) => (
      <div key={key}>
        <dt>{key}</dt>
        <dd>{words(value)}</dd>
      </div>
    ))}
  </dl>
);

const detailWords = ({ detail }: Span): string =>
  [
    detail.status === undefined ? "" : `status ${words(detail.status)}`,
    detail.initMs === undefined ? "" : `cold start ${millis(Number(detail.initMs))}`,
    !detail.readUnits ? "" : `${words(detail.readUnits)} read units`,
    !detail.writeUnits ? "" : `${words(detail.writeUnits)} write units`,
    !detail.calls ? "" : `${words(detail.calls)} AWS calls`,
  ]
    .filter((part) => part !== "")
    .join(" · ");

const SpanRow = ({ span }: { span: Span }) => (
  <li className="span">
    <span className="span-name">{span.kind === "invoke" ? "Invocation" : span.name}</span>
    <span className="figures">{millis(span.durationMs)}</span>
    <span className="span-detail">
      {new Date(span.start).toLocaleTimeString("en-GB")} {detailWords(span)}
      {span.error && <span className="error"> {span.error}</span>}
    </span>
  </li>
);

const Neighbours = ({
  map,
  node,
  onSelect,
}: {
  map: SystemMap;
  node: MapNode;
  onSelect: (id: string) => void;
}) => {
  const near = map.edges.flatMap((edge) => {
    if (edge.from === node.id) return [{ id: edge.to, way: "to" }];
    return edge.to === node.id ? [{ id: edge.from, way: "from" }] : [];
  });
  const rows = near.flatMap(({ id, way }) => {
    const other = map.nodes.find((candidate) => candidate.id === id);
    return other ? [{ other, way }] : [];
  });
  if (rows.length === 0) return null;
  return (
    <section>
      <h3>Connected</h3>
      <ul className="row tight">
        {rows.map(({ other, way }) => (
          <li key={`${way} ${other.id}`}>
            <Button className="chip" onClick={() => onSelect(other.id)}>
              {way} {other.label}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
};

/** One resource: what it is, how it is set, what crossed it just now. */
export const NodePanel = ({
  map,
  node,
  activity,
  onSelect,
}: {
  map: SystemMap;
  node: MapNode;
  activity: Activity;
  onSelect: (id: string | undefined) => void;
}) => {
  const spans = useActivity(activity, (it) => it.spansOf(node.id));
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: focus follows the choice of a node
  useEffect(() => heading.current?.focus({ preventScroll: true }), [node.id]);
  return (
    <aside className="card node-panel" aria-label={node.label}>
      <div className="row apart">
        <Badge tone="accent">{kindOf(node.type)}</Badge>
        <Button look="plain" size="icon" aria-label="Close" onClick={() => onSelect(undefined)}>
          <Icon name="close" />
        </Button>
      </div>
      <h2 ref={heading} tabIndex={-1}>
        {node.label}
      </h2>
      <section>
        <h3>Just now</h3>
        {spans.length === 0 && <p className="small quiet">Nothing crossed it in the last minute.</p>}
        <ul className="spans">
          {spans.map((span) => (
            <SpanRow key={span.id} span={span} />
          ))}
        </ul>
      </section>
      <Neighbours map={map} node={node} onSelect={onSelect} />
      <section>
        <h3>Settings</h3>
        <Settings node={node} />
      </section>
    </aside>
  );
};
