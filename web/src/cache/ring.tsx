import { useState } from "react";
import { cacheApi } from "#core/cache/api.schema.ts";
import { createRing } from "#core/cache/ring.schema.ts";
import { call } from "../api/call.ts";
import { useLoad } from "../api/use-load.ts";
import { Button } from "../ui/button.tsx";
import { plural } from "../ui/format.ts";
import { Slider } from "../ui/slider.tsx";
import { Badge, FailureNotice } from "../ui/surface.tsx";
import { imbalance, KEYS, type Moved, movedKeys } from "./ring-data.ts";
import { hueOf, RingPicture } from "./ring-picture.tsx";
import "./ring.css";

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

const Nodes = ({
  nodes,
  points,
  leave,
}: {
  nodes: readonly string[];
  points: number;
  leave: (node: string) => void;
}) => {
  const ring = createRing(nodes, points);
  const shares = ring.shares();
  return (
    <table className="table">
      <caption>Who owns what</caption>
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col" className="number">
            Of the circle
          </th>
          <th scope="col" className="number">
            Keys
          </th>
          <td />
        </tr>
      </thead>
      <tbody>
        {nodes.map((node) => (
          <tr key={node}>
            <th scope="row">
              <span className="node-key" data-hue={hueOf(node)}>
                {node}
              </span>
            </th>
            <td className="number">{percent(shares.get(node) ?? 0)}</td>
            <td className="number">{KEYS.filter((key) => ring.owner(key) === node).length}</td>
            <td className="number">
              <Button
                look="plain"
                className="chip"
                disabled={nodes.length < 2}
                onClick={() => leave(node)}
                aria-label={`Remove ${node}`}
              >
                Remove
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

/** Asks the API for the same ring, and compares its owners with those drawn. */
const AskApi = ({ nodes, points }: { nodes: readonly string[]; points: number }) => {
  const [asked, setAsked] = useState<{ readonly nodes: string; readonly points: number }>();
  const named = nodes.join(",");
  const answer = useLoad(
    async (signal) =>
      asked
        ? call(cacheApi.ring, {
            query: { nodes: asked.nodes, keys: KEYS.join(","), points: String(asked.points) },
            signal,
          })
        : ({ ok: true, data: undefined } as const),
    [asked],
  );
  const current = asked?.nodes === named && asked.points === points;
  const ring = createRing(nodes, points);
  const same = answer.data?.keys.filter(({ key, node }) => ring.owner(key) === node).length ?? 0;
  return (
    <div className="row">
      <Button onClick={() => setAsked({ nodes: named, points })} busy={answer.loading && current}>
        Ask the API
      </Button>
      <span role="status" className="small quiet figures">
        {answer.data && current && `GET /ring gives ${same} of ${KEYS.length} keys to the same node`}
      </span>
      <FailureNotice failure={answer.failure} />
    </div>
  );
};

const spoken = (moved: Moved | undefined) =>
  moved &&
  `${moved.words}: ${plural(moved.from.size, "key")} moved, ${percent(moved.from.size / KEYS.length)} of all, and ${moved.needless === 0 ? "none" : moved.needless} between nodes that stayed: counted. One node's fair share is 1/N = ${percent(moved.fair)}; hashing by remainder, key mod N, would move about ${percent(1 - moved.fair)}: calculated.`;

/** Consistent hashing: nodes come and go, and few keys move. */
export const Ring = () => {
  const [nodes, setNodes] = useState<readonly string[]>(["node-1", "node-2", "node-3", "node-4"]);
  const [points, setPoints] = useState(64);
  const [moved, setMoved] = useState<Moved>();
  const to = (after: readonly string[]) => {
    setMoved(movedKeys(nodes, after, points));
    setNodes(after);
  };
  const free = Array.from({ length: 8 }, (_, i) => `node-${i + 1}`).find((node) => !nodes.includes(node));
  return (
    <div className="card stack" data-testid="ring">
      <div className="stack tight">
        <h3>The ring: who owns which key</h3>
        <p className="quiet small">
          Each node stands at many points of a circle; a key belongs to the next point. Take a node away, and
          only its keys move. Drawn by the function that the Valkey adapter shards with.
        </p>
      </div>
      <div className="ring-parts">
        <div className="stack">
          <RingPicture nodes={nodes} points={points} moved={moved} />
          <p className="small quiet ring-legend">
            {moved
              ? "Large dots moved: in the colour of the node that has them now, on a line from the one that had them."
              : "Outside, who owns each arc. Inside, the keys, each where its hash falls. Add or remove a node."}
          </p>
        </div>
        <div className="stack">
          <Nodes nodes={nodes} points={points} leave={(node) => to(nodes.filter((it) => it !== node))} />
          <div className="row">
            <Button look="primary" disabled={free === undefined} onClick={() => free && to([...nodes, free])}>
              Add a node
            </Button>
            {moved && (
              <Button look="plain" onClick={() => setMoved(undefined)}>
                Unmark
              </Button>
            )}
          </div>
          <p role="status" className="small">
            {moved && <Badge tone="accent">{moved.from.size} moved</Badge>} {spoken(moved)}
          </p>
          <p className="small quiet figures">
            The busiest node has {imbalance(nodes, points).toFixed(2)} of an even share: more points, better
            balance.
          </p>
          <Slider
            label="Points of each node on the circle"
            words={String(points)}
            value={Math.log2(points)}
            min={0}
            max={11}
            step={1}
            onChange={(power) => {
              setPoints(2 ** power);
              setMoved(undefined);
            }}
          />
          <AskApi nodes={nodes} points={points} />
        </div>
      </div>
    </div>
  );
};
