import { useEffect } from "react";
import { Button } from "../ui/button.tsx";
import { count, plural } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { healAll, isOver, refresh, useFaults } from "./break-data.ts";
import "./break.css";

/** Often enough to see counts move; while nothing is broken, only to notice that somebody else broke something. */
const EVERY_MS = { broken: 1_500, whole: 10_000 };

/** Says on every page that something is broken on purpose, so that nobody looks for a bug. */
export const FaultBar = () => {
  const faults = useFaults();
  const rules = faults && faults !== "absent" ? faults.rules : [];
  const broken = rules.length > 0;
  useEffect(() => {
    void refresh();
    const timer = setInterval(
      () => document.visibilityState === "visible" && void refresh(),
      broken ? EVERY_MS.broken : EVERY_MS.whole,
    );
    return () => clearInterval(timer);
  }, [broken]);
  const struck = rules.reduce((sum, { injected }) => sum + injected, 0);
  const over = rules.filter(isOver).length;
  return (
    <div className="fault-bar">
      <p role="status">
        {broken && (
          <>
            <Icon name="warning" /> {plural(rules.length, "fault")} on purpose
          </>
        )}
      </p>
      {broken && (
        <>
          <span className="figures small">
            struck {plural(struck, "time")}
            {over > 0 && `, ${count(over)} over`}
          </span>
          <Button onClick={() => void healAll()}>Heal all</Button>
        </>
      )}
    </div>
  );
};
