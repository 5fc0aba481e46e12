import { stringify } from "csv-stringify/sync";
import type { Link } from "./link.schema.ts";

const COLUMNS = [
  ...["hash", "domain", "short_url", "url", "redirect", "title", "tags"],
  ...["created_at", "updated_at", "expires_at", "max_clicks", "has_password", "disabled"],
];

/**
 * Links as CSV (RFC 4180), with a byte order mark so that spreadsheets read it as UTF-8. A cell that a spreadsheet would
 * take for a formula is preceded by an apostrophe (OWASP, CSV injection): titles and URLs are strangers' text.
 */
export const toCsv = (links: readonly Link[]): string =>
  stringify(
    links.map((link) => ({ ...link, tags: link.tags.join(" ") })),
    {
      header: true,
      columns: COLUMNS,
      bom: true,
      record_delimiter: "windows",
      escape_formulas: true,
      cast: { boolean: (value) => (value ? "true" : "false") },
    },
  );
