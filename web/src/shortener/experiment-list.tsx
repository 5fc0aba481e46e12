import { useSession } from "../api/session.ts";
import { Experiment } from "./experiment.tsx";
import { experiments } from "./experiment-specs.ts";

/** All experiments on the shortener. */
export const Experiments = () => {
  const signedIn = useSession().status === "signed-in";
  return (
    <div className="experiments">
      {experiments.map((spec) => (
        <Experiment key={spec.id} spec={spec} allowed={signedIn || !spec.needsSignIn} />
      ))}
    </div>
  );
};
