import { useState } from "react";
import { limitsApi } from "#core/limits/api.schema.ts";
import { call } from "../api/call.ts";
import { useLoad } from "../api/use-load.ts";
import { SignedIn } from "../patterns/sign-in-first.tsx";
import { Button } from "../ui/button.tsx";
import { SelectField } from "../ui/field.tsx";
import { FailureNotice, More } from "../ui/surface.tsx";
import { CheckPanel } from "./check-panel.tsx";
import { drop, useRuleChanges } from "./limits-client.ts";
import { ListsPanel } from "./lists-panel.tsx";
import { rateOf } from "./live-limits.tsx";
import { RuleForm } from "./rule-form.tsx";

const Own = ({ owner }: { owner: string }) => {
  const changes = useRuleChanges();
  const rules = useLoad((signal) => call(limitsApi.rules, { signal }), [owner, changes]);
  const own = (rules.data?.rules ?? []).filter((rule) => rule.owner === "you");
  const [chosen, setChosen] = useState("");
  const rule = own.find(({ name }) => name === chosen) ?? own[0];
  return (
    <>
      <FailureNotice failure={rules.failure} retry={rules.reload} />
      <RuleForm onMade={setChosen} />
      {rule && (
        <>
          <div className="list-line">
            <SelectField label="Rule" value={rule.name} onChange={(event) => setChosen(event.target.value)}>
              {own.map((one) => (
                <option key={one.name} value={one.name}>
                  {one.name}: {rateOf(one)}
                </option>
              ))}
            </SelectField>
            <Button look="danger" onClick={() => void drop(rule.name)}>
              Delete the rule
            </Button>
          </div>
          <CheckPanel key={rule.name} rule={rule} owner={owner} />
        </>
      )}
      <More summary="Who is always denied, or always let through">
        <ListsPanel />
      </More>
    </>
  );
};

/** Rules of one's own over the API: define, check, refund, reset, lists. */
export const OwnRules = () => (
  <div className="card stack" data-testid="own-rules">
    <div className="stack tight">
      <h3>Your own rule, over the API</h3>
      <p className="quiet small">
        The limiter as a service: state a rule, then ask it about any key. A check that is admitted is one
        call and one conditional write; who was denied is remembered until it may come again, and costs none.
      </p>
    </div>
    <SignedIn title="Rules belong to somebody" why="each has its own">
      {(owner) => <Own owner={owner} />}
    </SignedIn>
  </div>
);
