import { Link } from "../../shell/router.tsx";
import { count } from "../../ui/format.ts";
import { Empty, FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { useView } from "../client.ts";
import { bytes } from "../format.ts";
import { PageHead } from "../page-head.tsx";
import type { PageProps } from "../pages.ts";
import { type Table, Tables } from "./table-data.ts";
import { TablePage } from "./table-page.tsx";

const TableRow = ({ table }: { table: Table }) => (
  <tr>
    <th scope="row">
      <Link to={`/console/tables/${encodeURIComponent(table.name)}`}>{table.name}</Link>
    </th>
    <td>
      <code className="small">{[table.hashKey, table.rangeKey].filter(Boolean).join(", ")}</code>
    </td>
    <td className="wide-only small">{table.indexes.map(({ name }) => name).join(", ")}</td>
    <td className="number">{count(table.items)}</td>
    <td className="number wide-only">{bytes(table.bytes)}</td>
    <td className="wide-only small">{table.ttl}</td>
    <td className="wide-only small">{table.stream?.toLowerCase().replaceAll("_", " ")}</td>
  </tr>
);

/** Every table; one of them, when it is named. */
export const TablesPage = ({ rest: [name] }: PageProps) => {
  const view = useView(Tables, "dynamodb/tables", {}, { everyMs: 5_000 });
  const tables = view.data?.tables ?? [];
  const chosen = tables.find((table) => table.name === name);
  if (chosen) return <TablePage key={chosen.name} table={chosen} />;
  return (
    <article className="stack">
      <PageHead title="Tables" />
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading tables" />}
      {view.data && name !== undefined && <p role="alert">There is no table {name}.</p>}
      {view.data && tables.length === 0 && <Empty title="The stacks declare no table" />}
      {tables.length > 0 && (
        <table className="table console-table">
          <thead>
            <tr>
              <th scope="col">Table</th>
              <th scope="col">Key</th>
              <th scope="col" className="wide-only">
                Indexes
              </th>
              <th scope="col" className="number">
                Items
              </th>
              <th scope="col" className="number wide-only">
                Size
              </th>
              <th scope="col" className="wide-only">
                Expires by
              </th>
              <th scope="col" className="wide-only">
                Stream
              </th>
            </tr>
          </thead>
          <tbody>
            {tables.map((table) => (
              <TableRow key={table.arn} table={table} />
            ))}
          </tbody>
        </table>
      )}
    </article>
  );
};
