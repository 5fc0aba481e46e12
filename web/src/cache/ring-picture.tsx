import { createRing, murmur3 } from "#core/cache/ring.schema.ts";
import { arcsOf, KEYS, type Moved } from "./ring-data.ts";

const size = 320;
const middle = size / 2;
const outer = 152;
const inner = 122;

const place = (turn: number, radius: number) => {
  const angle = turn * 2 * Math.PI - Math.PI / 2;
  return [middle + radius * Math.cos(angle), middle + radius * Math.sin(angle)] as const;
};

const n = (value: number) => Math.round(value * 100) / 100;

const arcPath = (from: number, to: number): string => {
  const large = to - from > 0.5 ? 1 : 0;
  const [[ax, ay], [bx, by], [cx, cy], [dx, dy]] = [
    place(from, outer),
    place(to, outer),
    place(to, inner),
    place(from, inner),
  ];
  return `M${n(ax)} ${n(ay)}A${outer} ${outer} 0 ${large} 1 ${n(bx)} ${n(by)}L${n(cx)} ${n(cy)}A${inner} ${inner} 0 ${large} 0 ${n(dx)} ${n(dy)}Z`;
};

/** The colour of a node: its number among all that ever were, not its place now, so that it keeps it. */
export const hueOf = (node: string): number => (Number(node.replace(/\D/g, "")) - 1) % 8;

/** Whose a moved key was: a line out of its old owner's colour, and a dot at its end, further in. */
const Before = ({ turn, node }: { turn: number; node: string }) => {
  const [[ax, ay], [bx, by]] = [place(turn, 92), place(turn, 74)];
  return (
    <g data-hue={hueOf(node)}>
      <line className="ring-path" x1={n(ax)} y1={n(ay)} x2={n(bx)} y2={n(by)} />
      <circle className="ring-before" cx={n(bx)} cy={n(by)} r={2.75} />
    </g>
  );
};

/** Arcs by owner, and each key as a dot at its place, in its owner's colour; those that moved stand out. */
export const RingPicture = ({
  nodes,
  points,
  moved,
}: {
  nodes: readonly string[];
  points: number;
  moved: Moved | undefined;
}) => {
  const ring = createRing(nodes, points);
  const arcs = arcsOf(ring);
  return (
    <svg
      className="ring"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={`A ring of ${nodes.length} nodes with ${points} points each; the table beside it has their shares`}
    >
      {nodes.map((node) => (
        <path
          key={node}
          className="ring-arc"
          data-hue={hueOf(node)}
          d={arcs
            .filter((arc) => arc.node === node)
            .map(({ from, to }) => arcPath(from, to))
            .join("")}
        />
      ))}
      {KEYS.map((key) => {
        const turn = murmur3(key) / 2 ** 32;
        const before = moved?.from.get(key);
        const [x, y] = place(turn, before === undefined ? 108 : 92);
        return (
          <g key={key}>
            {before !== undefined && <Before turn={turn} node={before} />}
            <circle
              className="ring-key"
              data-hue={hueOf(ring.owner(key))}
              data-moved={before !== undefined}
              cx={n(x)}
              cy={n(y)}
              r={before === undefined ? 2.75 : 4.5}
            />
          </g>
        );
      })}
      <text className="ring-figure" x={middle} y={middle - 2}>
        {moved ? moved.from.size : KEYS.length}
      </text>
      <text className="ring-word" x={middle} y={middle + 18}>
        {moved ? `of ${KEYS.length} keys moved` : "keys"}
      </text>
    </svg>
  );
};
