import {
  Background,
  BaseEdge,
  Controls,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import { useMemo } from "react";
import { type Activity, useActivity } from "./activity.ts";
import { kindOf, type MapEdge, type MapNode, type SystemMap } from "./map-data.ts";
import "@xyflow/react/dist/style.css";
import "./flow.css";

type ResourceNode = Node<{ resource: MapNode; activity: Activity }, "resource">;
type WireEdge = Edge<{ wire: MapEdge; activity: Activity }, "wire">;

const ResourceBox = ({ data: { resource, activity }, selected }: NodeProps<ResourceNode>) => {
  const lit = useActivity(activity, (it) => it.isLit(resource.id));
  const seen = useActivity(activity, (it) => it.spansOf(resource.id).length);
  const kind = kindOf(resource.type);
  return (
    <div
      className="resource"
      data-kind={kind}
      data-lit={lit}
      data-selected={selected}
      style={{ width: resource.width, height: resource.height }}
    >
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <span className="resource-kind">
        {kind}
        {seen > 0 && <span className="resource-seen" aria-hidden="true" />}
      </span>
      <span className="resource-label">{resource.label}</span>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
};

const pathThrough = (points: MapEdge["points"]) =>
  points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${x} ${y}`).join(" ");

const Wire = ({ id, data, sourceX, sourceY, targetX, targetY }: EdgeProps<WireEdge>) => {
  const ends = [
    { x: sourceX, y: sourceY },
    { x: targetX, y: targetY },
  ];
  const points = data && data.wire.points.length > 1 ? data.wire.points : ends;
  const middle = points[Math.floor(points.length / 2)] ?? ends[1];
  return (
    <>
      <LitWire id={id} path={pathThrough(points)} activity={data?.activity} />
      {data?.wire.label && middle && (
        <EdgeLabelRenderer>
          <span className="wire-label" style={{ translate: `${middle.x}px ${middle.y}px` }}>
            {data.wire.label}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
};

const LitWire = ({ id, path, activity }: { id: string; path: string; activity: Activity | undefined }) =>
  activity ? <FollowedWire id={id} path={path} activity={activity} /> : <BaseEdge id={id} path={path} />;

const FollowedWire = ({ id, path, activity }: { id: string; path: string; activity: Activity }) => {
  const lit = useActivity(activity, (it) => it.isLit(id));
  return <BaseEdge id={id} path={path} className={lit ? "wire lit" : "wire"} />;
};

const nodeTypes = { resource: ResourceBox };
const edgeTypes = { wire: Wire };

const toNode = (resource: MapNode, activity: Activity, selected: boolean): ResourceNode => ({
  id: resource.id,
  type: "resource",
  position: { x: resource.x, y: resource.y },
  // Size and handles are known from the layout: nothing waits to be measured before edges can be drawn.
  measured: { width: resource.width, height: resource.height },
  width: resource.width,
  height: resource.height,
  handles: [
    { type: "target", position: Position.Left, x: 0, y: resource.height / 2, width: 1, height: 1 },
    {
      type: "source",
      position: Position.Right,
      x: resource.width - 1,
      y: resource.height / 2,
      width: 1,
      height: 1,
    },
  ],
  data: { resource, activity },
  selected,
  ariaLabel: `${resource.label}, ${kindOf(resource.type)}`,
});

const toEdge = (wire: MapEdge, activity: Activity, labelOf: (id: string) => string): WireEdge => ({
  ariaLabel: `${labelOf(wire.from)} to ${labelOf(wire.to)}`,
  id: wire.id,
  type: "wire",
  source: wire.from,
  target: wire.to,
  data: { wire, activity },
  focusable: false,
});

/** The picture: placed as the local cloud laid it out, lit by what happens. */
export const Flow = ({
  map,
  activity,
  selected,
  onSelect,
}: {
  map: SystemMap;
  activity: Activity;
  selected: string | undefined;
  onSelect: (id: string | undefined) => void;
}) => {
  const nodes = useMemo(
    () => map.nodes.map((node) => toNode(node, activity, node.id === selected)),
    [map, activity, selected],
  );
  const edges = useMemo(() => {
    const labels = new Map(map.nodes.map(({ id, label }) => [id, label]));
    return map.edges.map((edge) => toEdge(edge, activity, (id) => labels.get(id) ?? id));
  }, [map, activity]);
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      onNodesChange={(changes) => {
        const chosen = changes.find((change) => change.type === "select" && change.selected);
        if (chosen?.type === "select") onSelect(chosen.id);
      }}
      onPaneClick={() => onSelect(undefined)}
      nodesDraggable={false}
      nodesConnectable={false}
      deleteKeyCode={null}
      fitView
      fitViewOptions={{ padding: 0.04 }}
      minZoom={0.1}
    >
      <Background gap={24} size={1} />
      <Controls showInteractive={false} />
    </ReactFlow>
  );
};
