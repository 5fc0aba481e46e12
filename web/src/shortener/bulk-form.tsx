import { type FormEvent, useState } from "react";
import type * as v from "valibot";
import { shortenerApi } from "#core/shortener/api.schema.ts";
import { type BulkOutcome, limits } from "#core/shortener/link.schema.ts";
import { call } from "../api/call.ts";
import type { Failure } from "../api/failure.ts";
import { Button } from "../ui/button.tsx";
import { TextArea } from "../ui/field.tsx";
import { plural } from "../ui/format.ts";
import { Badge, FailureNotice, More } from "../ui/surface.tsx";
import { noteChange } from "./own-links.ts";
import { spoken } from "./result-card.tsx";
import "./link-list.css";

type Result = { readonly line: string; readonly outcome: v.InferOutput<typeof BulkOutcome> };

/** One link a line: the URL, then a custom code if one is wanted. */
export const readLines = (text: string): readonly { url: string; custom_hash?: string }[] =>
  text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([url, code]) =>
      url === undefined || url === "" ? [] : [{ url, ...(code === undefined ? {} : { custom_hash: code }) }],
    );

const ResultRow = ({ result: { line, outcome } }: { result: Result }) => (
  <li className="bulk-row">
    <Badge tone={outcome.link ? "good" : "bad"}>{outcome.status}</Badge>
    <span className="bulk-line">{line}</span>
    {outcome.link ? (
      <a href={outcome.link.short_url} target="_blank" rel="noopener noreferrer">
        {spoken(outcome.link.short_url)}
      </a>
    ) : (
      <span className="quiet">{outcome.problem?.title ?? "Refused"}</span>
    )}
  </li>
);

const useBulk = () => {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [results, setResults] = useState<readonly Result[]>([]);
  const links = readLines(text);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (links.length === 0 || busy) return;
    setBusy(true);
    const outcome = await call(shortenerApi.bulk, { body: { links: [...links] } });
    setBusy(false);
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (!outcome.ok) return;
    setResults(outcome.data.outcomes.map((one, i) => ({ line: links[i]?.url ?? "", outcome: one })));
    noteChange();
  };
  return { text, setText, busy, failure, results, links, submit };
};

/** Shortens many URLs at once; each line has its own outcome. */
export const BulkForm = () => {
  const { text, setText, busy, failure, results, links, submit } = useBulk();
  const made = results.filter(({ outcome }) => outcome.link).length;
  return (
    <More summary="Shorten many at once">
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <TextArea
          label="One URL a line, a custom code behind it if you like"
          hint={`Up to ${limits.bulk} lines; a bad one spoils no other`}
          spellCheck={false}
          placeholder={"https://example.com/one\nhttps://example.com/two summer"}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <div>
          <Button type="submit" busy={busy} disabled={links.length === 0}>
            Shorten {links.length === 0 ? "" : plural(links.length, "line")}
          </Button>
        </div>
        <FailureNotice failure={failure} />
      </form>
      <div role="status">
        {results.length > 0 && (
          <p className="small">{`${made} of ${plural(results.length, "line")} shortened`}</p>
        )}
      </div>
      <ul className="bulk-rows">
        {results.map((result, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same URL may stand in several lines, whose order is fixed
          <ResultRow key={i} result={result} />
        ))}
      </ul>
    </More>
  );
};
