import { useEffect, useMemo, useState } from "react";
import { useLoad } from "../api/use-load.ts";
import { BreakPanel } from "../break/break-panel.tsx";
import { useTitle } from "../shell/router.tsx";
import { Choices } from "../ui/field.tsx";
import { count, plural } from "../ui/format.ts";
import { Badge, FailureNotice, Notice, Skeleton } from "../ui/surface.tsx";
import { type Activity, createActivity, useActivity } from "./activity.ts";
import { Flow } from "./flow.tsx";
import { followSpans, loadMap, loadSpans, type SystemMap } from "./map-data.ts";
import { NodeList } from "./node-list.tsx";
import { NodePanel } from "./node-panel.tsx";
import "./map.css";

const lookBackMs = 60_000;

const useFollowed = (map: SystemMap) => {
  const activity = useMemo(() => createActivity(map), [map]);
  const [state, setState] = useState<"connecting" | "live" | "lost">("connecting");
  useEffect(() => {
    const control = new AbortController();
    void loadSpans(Date.now() - lookBackMs, control.signal).then((spans) => {
      for (const span of spans) activity.add(span, false);
    });
    const stop = followSpans((span) => activity.add(span, true), setState);
    return () => {
      control.abort();
      stop();
      activity.stop();
    };
  }, [activity]);
  return { activity, state };
};

const stateWords = {
  connecting: ["", "Connecting"],
  live: ["good", "Live"],
  lost: ["bad", "Connection lost, trying again"],
} as const;

const Legend = ({
  map,
  activity,
  state,
}: {
  map: SystemMap;
  activity: Activity;
  state: keyof typeof stateWords;
}) => {
  const total = useActivity(activity, (it) => it.total());
  const [tone, words] = stateWords[state];
  return (
    <p className="row small quiet figures">
      <span role="status">
        <Badge tone={tone}>{words}</Badge>
      </span>
      <span>{plural(map.nodes.length, "resource")}</span>
      <span>{plural(map.edges.length, "connection")}</span>
      <span>{count(total)} spans seen</span>
    </p>
  );
};

type View = "picture" | "list";

/** On a phone the picture's words are too small to read: the list comes first there. */
const firstView = (): View => (matchMedia("(max-width: 30rem)").matches ? "list" : "picture");

const Followed = ({ map }: { map: SystemMap }) => {
  const { activity, state } = useFollowed(map);
  const [view, setView] = useState(firstView);
  // a link from elsewhere may name the resource to show
  const [selected, setSelected] = useState(
    () => new URLSearchParams(location.search).get("node") ?? undefined,
  );
  const node = map.nodes.find(({ id }) => id === selected);
  return (
    <>
      <div className="row apart">
        <Legend map={map} activity={activity} state={state} />
        <Choices
          legend="View"
          quiet
          name="view"
          value={view}
          options={[
            ["picture", "Picture"],
            ["list", "List"],
          ]}
          onChange={setView}
        />
      </div>
      <div className="map-layout">
        {view === "picture" ? (
          <div className="map-canvas">
            <Flow map={map} activity={activity} selected={selected} onSelect={setSelected} />
          </div>
        ) : (
          <NodeList map={map} activity={activity} selected={selected} onSelect={setSelected} />
        )}
        {node && <NodePanel map={map} node={node} activity={activity} onSelect={setSelected} />}
      </div>
    </>
  );
};

/** The running system, drawn from the resource graph and lit by what really happens. */
export const MapPage = () => {
  useTitle("System map");
  const map = useLoad(loadMap, []);
  return (
    <article className="stack">
      <header className="stack tight">
        <h1 tabIndex={-1}>System map</h1>
        <p className="lead">
          Every resource the stacks declare and how they reach one another. What lights up is a real request,
          call or delivery, as it happens.
        </p>
      </header>
      {map.loading && !map.data && <Skeleton label="Loading the map" />}
      <FailureNotice failure={map.failure} retry={map.reload} />
      {map.data === "absent" && (
        <Notice icon="map" title="This deployment serves no map">
          The map is drawn by the local cloud, which sees every call. Run the project on your machine with npm
          start to have it; on AWS, X-Ray's service map and the CloudWatch dashboards show the same.
        </Notice>
      )}
      {map.data && map.data !== "absent" && (
        <>
          <Followed map={map.data} />
          <h2 className="hidden-visually">Break it</h2>
          <BreakPanel />
        </>
      )}
    </article>
  );
};
