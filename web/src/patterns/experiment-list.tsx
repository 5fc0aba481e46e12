import type { ReactNode } from "react";
import { useSession } from "../api/session.ts";
import { Experiment, type ExperimentSpec } from "./experiment.tsx";

/** Experiments of a pattern, each with its own button. */
export const ExperimentList = ({
  experiments,
  children,
}: {
  experiments: readonly ExperimentSpec[];
  children?: ReactNode;
}) => {
  const signedIn = useSession().status === "signed-in";
  return (
    <div className="experiments">
      {experiments.map((spec) => (
        <Experiment key={spec.id} spec={spec} allowed={signedIn || spec.needsSignIn === undefined} />
      ))}
      {children}
    </div>
  );
};
