import { useState } from "react";
import { useLoad } from "../api/use-load.ts";
import { useTitle } from "../shell/router.tsx";
import { TextField } from "../ui/field.tsx";
import { plural } from "../ui/format.ts";
import { Empty, FailureNotice, Skeleton } from "../ui/surface.tsx";
import { History } from "./history-view.tsx";
import { loadReference, type Reference } from "./openapi.ts";
import { OperationView } from "./operation-view.tsx";
import "./reference.css";

const titled = (group: string) => group.slice(0, 1).toUpperCase() + group.slice(1);

const Operations = ({ reference }: { reference: Reference }) => {
  const [filter, setFilter] = useState("");
  const wanted = filter.trim().toLowerCase();
  const shown = reference.operations.filter(({ method, path, summary }) =>
    `${method} ${path} ${summary}`.toLowerCase().includes(wanted),
  );
  const groups = Map.groupBy(shown, ({ group }) => group);
  return (
    <>
      <TextField
        label="Find an operation"
        type="search"
        placeholder="links, POST, QR…"
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
      />
      <p role="status" className="hidden-visually">
        {plural(shown.length, "operation")}
      </p>
      {shown.length === 0 && <Empty title="No operation matches" />}
      {[...groups].map(([group, operations]) => (
        <section key={group} className="stack tight" aria-labelledby={`group-${group}`}>
          <h2 id={`group-${group}`}>{titled(group)}</h2>
          <ul className="operations">
            {operations.map((operation) => (
              <OperationView
                key={`${operation.method} ${operation.path}`}
                operation={operation}
                resolve={reference.resolve}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
};

/** The API's reference, read from the description the running API serves. */
export const ReferencePage = () => {
  useTitle("API reference");
  const reference = useLoad(loadReference, []);
  return (
    <article className="stack reference">
      <header className="stack tight">
        <h1 tabIndex={-1}>API reference</h1>
        <p className="lead">
          Generated from the schemas that check each request, and served by the API itself.{" "}
          <a href="/api/v1/openapi.json">OpenAPI 3.1 document</a>
        </p>
      </header>
      <FailureNotice failure={reference.failure} retry={reference.reload} />
      {reference.loading && !reference.data && <Skeleton label="Loading the reference" />}
      <History />
      {reference.data && <Operations reference={reference.data} />}
    </article>
  );
};
