import { plural } from "../ui/format.ts";
import { type Activity, useActivity } from "./activity.ts";
import { kindOf, type MapNode, type SystemMap } from "./map-data.ts";

interface Props {
  readonly activity: Activity;
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
}

const NodeButton = ({ node, activity, selected, onSelect }: Props & { node: MapNode }) => {
  const seen = useActivity(activity, (it) => it.spansOf(node.id).length);
  return (
    <button
      type="button"
      className="node-button"
      aria-pressed={selected === node.id}
      onClick={() => onSelect(node.id)}
    >
      <span className="quiet">{kindOf(node.type)}</span>
      <span>{node.label}</span>
      <span className="quiet figures">{seen === 0 ? "" : plural(seen, "span")}</span>
    </button>
  );
};

/** The map without its picture: the same resources, by group. */
export const NodeList = ({ map, ...rest }: Props & { map: SystemMap }) => {
  const groups = Map.groupBy(
    map.nodes.toSorted((a, b) => a.label.localeCompare(b.label)),
    (node) => node.group,
  );
  return (
    <div className="card node-groups">
      {[...groups].map(([group, nodes]) => (
        <section key={group} className="node-group">
          <h2>{group === "" ? "Everything else" : group}</h2>
          <ul className="nav-list">
            {nodes.map((node) => (
              <li key={node.id}>
                <NodeButton node={node} {...rest} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
};
