import { useState } from "react";
import { Link } from "../../shell/router.tsx";
import { Button } from "../../ui/button.tsx";
import { SelectField, TextField } from "../../ui/field.tsx";
import { plural } from "../../ui/format.ts";
import { Empty, FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { act, useView } from "../client.ts";
import { Code } from "../code.tsx";
import { ConfirmButton } from "../confirm-button.tsx";
import { PageHead } from "../page-head.tsx";
import { useSearchParams } from "../search-params.ts";
import { type Item, Items, keyOf, plainItem, type Table } from "./table-data.ts";
import "./tables.css";

const names = ["index", "pk", "op", "sk", "descending"] as const;
type Question = Readonly<Record<(typeof names)[number], string>>;
const operators = ["=", "begins with", "<", "<=", ">", ">="];

const QuestionForm = ({
  table,
  question,
  change,
}: {
  table: Table;
  question: Question;
  change: (some: Partial<Question>) => void;
}) => {
  const { hashKey, rangeKey } = table.indexes.find(({ name }) => name === question.index) ?? table;
  return (
    <form className="table-question" onSubmit={(event) => event.preventDefault()}>
      <SelectField
        label="Read"
        value={question.index}
        onChange={(event) => change({ index: event.target.value })}
      >
        <option value="">the table</option>
        {table.indexes.map(({ name, kind }) => (
          <option key={name} value={name}>
            {name} ({kind})
          </option>
        ))}
      </SelectField>
      <TextField
        label={hashKey}
        placeholder="anything: a scan"
        spellCheck={false}
        value={question.pk}
        onChange={(event) => change({ pk: event.target.value })}
      />
      {rangeKey !== undefined && (
        <>
          <SelectField
            label="compared"
            value={question.op}
            onChange={(event) => change({ op: event.target.value })}
          >
            {operators.map((operator) => (
              <option key={operator} value={operator === "=" ? "" : operator}>
                {operator}
              </option>
            ))}
          </SelectField>
          <TextField
            label={rangeKey}
            spellCheck={false}
            disabled={question.pk === ""}
            value={question.sk}
            onChange={(event) => change({ sk: event.target.value })}
          />
        </>
      )}
    </form>
  );
};

const short = (value: unknown): string => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};

const ItemRow = ({ table, item, onDelete }: { table: Table; item: Item; onDelete: () => void }) => {
  const plain = plainItem(item);
  const keys = [table.hashKey, ...(table.rangeKey === undefined ? [] : [table.rangeKey])];
  const others = Object.entries(plain).filter(([name]) => !keys.includes(name));
  const remove = async () => {
    const answer = await act("dynamodb/delete", { table: table.name, key: keyOf(table, item) });
    if (!answer.ok) return answer.failure;
    onDelete();
    return undefined;
  };
  return (
    <li className="item">
      <details>
        <summary>
          {keys.map((key) => (
            <code key={key} className="item-key">
              {short(plain[key])}
            </code>
          ))}
          <span className="item-rest">
            {others.map(([name, value]) => `${name}: ${short(value)}`).join("  ")}
          </span>
        </summary>
        <div className="stack tight item-open">
          <Code label="Item" text={JSON.stringify(plain, null, 2)} />
          <p>
            <ConfirmButton
              chip
              label="Delete"
              title="Delete this item?"
              detail="Its stream tells of it as of any deletion. This cannot be undone."
              run={remove}
            />
          </p>
        </div>
      </details>
    </li>
  );
};

/** Pages are walked by cursor: those gone through are kept, so that one can go back. */
const usePages = () => {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  return {
    cursor: cursors.at(-1) ?? "",
    page: cursors.length + 1,
    forward: (cursor: string) => setCursors([...cursors, cursor]),
    back: () => setCursors(cursors.slice(0, -1)),
    reset: () => setCursors([]),
  };
};

/** One table: its items, by key, by index, or all. */
export const TablePage = ({ table }: { table: Table }) => {
  const [question, change] = useSearchParams(names);
  const pages = usePages();
  const view = useView(Items, "dynamodb/items", { table: table.name, ...question, cursor: pages.cursor });
  const ask = (some: Partial<Question>) => {
    pages.reset();
    change(some);
  };
  const { items = [], cursor } = view.data ?? {};
  return (
    <article className="stack">
      <PageHead
        title={table.name}
        eyebrow={<Link to="/console/tables">Tables</Link>}
        lead={`${plural(table.items, "item")}. Reading here costs no units and leaves no trace.`}
      >
        <Button onClick={view.reload}>Read again</Button>
      </PageHead>
      <QuestionForm table={table} question={question} change={ask} />
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading items" />}
      {view.data && items.length === 0 && <Empty title="No item" />}
      {items.length > 0 && (
        <ul className="items">
          {items.map((item) => (
            <ItemRow
              key={JSON.stringify(keyOf(table, item))}
              table={table}
              item={item}
              onDelete={view.reload}
            />
          ))}
        </ul>
      )}
      {(pages.page > 1 || cursor !== undefined) && (
        <div className="row">
          <Button disabled={pages.page === 1} onClick={pages.back}>
            Before
          </Button>
          <span className="small quiet figures">Page {pages.page}</span>
          <Button
            disabled={cursor === undefined}
            onClick={() => cursor !== undefined && pages.forward(cursor)}
          >
            After
          </Button>
        </div>
      )}
    </article>
  );
};
