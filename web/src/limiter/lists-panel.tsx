import { useState } from "react";
import type * as v from "valibot";
import { limitsApi } from "#core/limits/api.schema.ts";
import { call } from "../api/call.ts";
import type { Failure } from "../api/failure.ts";
import { useLoad } from "../api/use-load.ts";
import { Button } from "../ui/button.tsx";
import { Choices, SelectField, TextField } from "../ui/field.tsx";
import { instant } from "../ui/format.ts";
import { FailureNotice } from "../ui/surface.tsx";

type Listed = v.InferOutput<typeof limitsApi.enlist.body>;
type List = "allow" | "deny";
const kinds: readonly (readonly [Listed["kind"], string])[] = [
  ["key", "Key"],
  ["user", "User"],
  ["ip", "Address"],
  ["cidr", "Range"],
  ["api-key", "API key"],
];

/** Who is always let through or always denied by one's own rules. */
export const ListsPanel = () => {
  const [list, setList] = useState<List>("deny");
  const [kind, setKind] = useState<Listed["kind"]>("key");
  const [value, setValue] = useState("visitor-1");
  const [failure, setFailure] = useState<Failure>();
  const listed = useLoad((signal) => call(limitsApi.lists, { params: { list }, query: {}, signal }), [list]);
  const after = (outcome: { readonly ok: boolean; readonly failure?: Failure }) => {
    setFailure(outcome.failure);
    listed.reload();
  };
  const put = async () =>
    after(await call(limitsApi.enlist, { params: { list }, query: {}, body: { kind, value } }));
  const take = async (one: Listed) =>
    after(await call(limitsApi.delist, { params: { list }, query: { kind: one.kind, value: one.value } }));
  return (
    <div className="stack">
      <Choices
        legend="List"
        name="list"
        value={list}
        options={[
          ["deny", "Denied"],
          ["allow", "Allowed without limit"],
        ]}
        onChange={setList}
      />
      <form
        className="list-line"
        onSubmit={(event) => {
          event.preventDefault();
          void put();
        }}
      >
        <SelectField
          label="Who"
          value={kind}
          onChange={(event) => setKind(event.target.value as Listed["kind"])}
        >
          {kinds.map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </SelectField>
        <TextField label="Value" value={value} onChange={(event) => setValue(event.target.value)} />
        <Button type="submit">Put on the list</Button>
      </form>
      <FailureNotice failure={failure ?? listed.failure} />
      <ul className="rule-rows">
        {(listed.data?.listed ?? []).map((one) => (
          <li key={`${one.kind} ${one.value}`} className="rule-row">
            <span className="small">
              {one.kind} <strong className="mono">{one.value}</strong>
              {one.until && <span className="quiet"> until {instant(one.until)}</span>}
            </span>
            <Button look="plain" onClick={() => void take(one)} aria-label={`Take off: ${one.value}`}>
              Take off
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
};
