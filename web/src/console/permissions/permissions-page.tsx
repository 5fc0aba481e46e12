import { CopyButton } from "../../ui/button.tsx";
import { Choices, TextField } from "../../ui/field.tsx";
import { count, plural } from "../../ui/format.ts";
import { Badge, Empty, FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { useView } from "../client.ts";
import { Code } from "../code.tsx";
import { useFollow } from "../follow.tsx";
import { PageHead } from "../page-head.tsx";
import { useSearchParams } from "../search-params.ts";
import { byResource, type Denial, type Grant, type Holder, Report, unused } from "./permission-data.ts";
import "../resources.css";
import "./permissions.css";

const DenialItem = ({ denial }: { denial: Denial }) => (
  <li className="card stack tight">
    <p className="row apart small">
      <span className="denied">
        <strong>{denial.who}</strong> may not <code>{denial.action}</code> on{" "}
        <strong>{denial.resource}</strong>
      </span>
      <Badge tone="bad">{denial.count === 1 ? "once" : `${count(denial.count)} times`}</Badge>
    </p>
    <p className="small quiet">
      {denial.why}
      {denial.source && `, ${denial.source}`}
    </p>
    {denial.grant && (
      <div className="grant-line">
        <Code label={`The line that would allow ${denial.action} to ${denial.who}`} text={denial.grant} />
        <CopyButton text={denial.grant} label="Copy the line that would allow it" />
      </div>
    )}
  </li>
);

const Denials = ({ denials }: { denials: readonly Denial[] }) => (
  <section className="stack tight" aria-labelledby="denied">
    <h2 id="denied">Denied</h2>
    {denials.length === 0 && <p className="small quiet">Nothing was refused since the start.</p>}
    <ul className="stack tight denials">
      {denials.map((denial) => (
        <DenialItem key={`${denial.who} ${denial.action} ${denial.resource} ${denial.why}`} denial={denial} />
      ))}
    </ul>
  </section>
);

const GrantItem = ({ grant }: { grant: Grant }) => (
  <li>
    <code>{grant.action}</code>{" "}
    {grant.uses === 0 ? (
      <span className="quiet">never used</span>
    ) : (
      <span className="good-text figures">{count(grant.uses)} ×</span>
    )}
  </li>
);

const HolderItem = ({ holder, only }: { holder: Holder; only: "" | "unused" }) => {
  const never = unused(holder);
  const grants = only === "" ? holder.grants : holder.grants.filter(({ uses }) => uses === 0);
  return (
    <li className="entry">
      <details>
        <summary>
          <span className="entry-name">{holder.name}</span>
          <span className="times wide-text">{holder.source}</span>
          <span className="times">{plural(holder.grants.length, "grant")}</span>
          {never > 0 && <Badge>{count(never)} never used</Badge>}
        </summary>
        <div className="entry-open">
          <ul className="grants">
            {byResource(grants).map(({ resource, grants: some }) => (
              <li key={resource}>
                <h3>{resource}</h3>
                <ul className="grant-actions">
                  {some.map((grant) => (
                    <GrantItem key={`${grant.action} ${grant.policy} ${grant.source}`} grant={grant} />
                  ))}
                </ul>
                <p className="arn">
                  {[...new Set(some.map(({ source, policy }) => source ?? policy))].join(", ")}
                </p>
              </li>
            ))}
          </ul>
        </div>
      </details>
    </li>
  );
};

const choices = [
  ["", "All grants"],
  ["unused", "Never used"],
] as const;

const Holders = ({ holders }: { holders: readonly Holder[] }) => {
  const [{ name, only: given }, change] = useSearchParams(["name", "only"]);
  const only = given === "unused" ? "unused" : "";
  const shown = holders.filter(
    (holder) => holder.name.toLowerCase().includes(name.toLowerCase()) && (only === "" || unused(holder) > 0),
  );
  return (
    <section className="stack tight" aria-labelledby="granted">
      <h2 id="granted">Granted</h2>
      <div className="console-filters">
        <TextField
          label="Function or role"
          type="search"
          spellCheck={false}
          value={name}
          onChange={(event) => change({ name: event.target.value })}
        />
        <Choices
          legend="Which grants"
          quiet
          name="only"
          value={only}
          options={choices}
          onChange={(value) => change({ only: value })}
        />
      </div>
      {shown.length === 0 && <Empty title="None" />}
      <ul className="entries">
        {shown.map((holder) => (
          <HolderItem key={`${holder.name} ${holder.source}`} holder={holder} only={only} />
        ))}
      </ul>
    </section>
  );
};

/** What each function may do, what it did of it since the start, and what it was refused. */
export const PermissionsPage = () => {
  const { button, following } = useFollow(3_000);
  const view = useView(Report, "permissions", {}, following);
  return (
    <article className="stack">
      <PageHead
        title="Permissions"
        lead="By the policies of the stacks, counted since the start. What was never used may be more than is needed."
      >
        {button}
      </PageHead>
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading permissions" />}
      {view.data && (
        <>
          <Denials denials={view.data.denials} />
          <Holders holders={view.data.holders.toSorted((a, b) => a.name.localeCompare(b.name))} />
        </>
      )}
    </article>
  );
};
