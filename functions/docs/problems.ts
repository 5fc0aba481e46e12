import { docsApi } from "#core/docs/api.schema.ts";
import { problemKinds } from "#core/kit/problem.ts";
import { acceptsHtml, escapeHtml, page } from "#functions/kit/page.ts";
import { ok } from "#functions/kit/reply.ts";
import { route } from "#functions/kit/route.ts";

// Private: CloudFront keeps one answer for all who accept whatever, since Accept is no part of its cache key.
const HEADERS = { "cache-control": "private, max-age=300", vary: "accept" };

const rows = Object.entries(problemKinds).map(
  ([kind, { status, title }]) =>
    `<h2 id="${kind}"><code>${kind}</code></h2><p>${escapeHtml(title)}. <span class="status">Status ${status}</span></p>`,
);

/** GET /api/v1/problems: where the `type` of every problem points. */
export const handler = route(docsApi.problems, async ({ caller }) =>
  acceptsHtml(caller.headers.accept)
    ? page("Problems", `<h1>Problems</h1>${rows.join("")}`, 200, HEADERS)
    : ok({ problems: problemKinds }, HEADERS),
);
