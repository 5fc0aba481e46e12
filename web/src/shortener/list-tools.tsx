import { useState } from "react";
import { shortenerApi } from "#core/shortener/api.schema.ts";
import { call } from "../api/call.ts";
import type { Failure } from "../api/failure.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { FailureNotice } from "../ui/surface.tsx";

/** The opaque cursor of the page after this one, from the Link header (RFC 8288). */
export const nextCursor = (header: string | null): string | undefined => {
  const target = /<([^>]+)>\s*;[^,]*rel="?next"?/i.exec(header ?? "")?.[1];
  if (target === undefined) return undefined;
  return new URL(target, "https://any.invalid").searchParams.get("cursor") ?? undefined;
};

type Csv = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly failure: Failure };

/** Every page of the export as one file: the header line stands in the first only. */
const wholeExport = async (): Promise<Csv> => {
  const parts: string[] = [];
  let cursor: string | undefined;
  do {
    const outcome = await call(shortenerApi.export, { query: cursor === undefined ? {} : { cursor } });
    if (!outcome.ok) return { ok: false, failure: outcome.failure };
    const text = outcome.data;
    parts.push(parts.length === 0 ? text : text.slice(text.indexOf("\n") + 1));
    cursor = nextCursor(outcome.headers.get("link"));
  } while (cursor !== undefined);
  return { ok: true, text: parts.join("") };
};

const save = (text: string, name: string) => {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  // The download reads the blob after the click returns.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
};

/** Takes all own links away as CSV. */
export const ExportButton = () => {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const run = async () => {
    setBusy(true);
    const csv = await wholeExport();
    setBusy(false);
    setFailure(csv.ok ? undefined : csv.failure);
    if (csv.ok) save(csv.text, "links.csv");
  };
  return (
    <>
      <Button busy={busy} onClick={() => void run()}>
        <Icon name="download" /> Export CSV
      </Button>
      <FailureNotice failure={failure} />
    </>
  );
};
