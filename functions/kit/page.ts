import { createHash } from "node:crypto";
import { type Problem, problemKinds } from "#core/kit/problem.ts";
import type { Reply } from "./reply.ts";

const STYLE = `:root{color-scheme:light dark}*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:#fff;color:#1b1b1f;
font:1rem/1.6 system-ui,sans-serif}main{max-width:34rem}h1{font-size:1.6rem;line-height:1.25;margin:.25rem 0 .75rem}
p{margin:.5rem 0}.status{font-variant-numeric:tabular-nums;color:#55555e}label{display:block;font-weight:600;margin-top:1.25rem}
input,button{font:inherit;padding:.6rem .8rem;border-radius:.5rem;border:1px solid #71717a}
input{width:100%;margin:.35rem 0 .75rem;background:transparent;color:inherit}
button{background:#2b4acb;border-color:#2b4acb;color:#fff;cursor:pointer}
:focus-visible{outline:3px solid #2b4acb;outline-offset:2px}
@media(prefers-color-scheme:dark){body{background:#131316;color:#ececf1}.status{color:#a9a9b4}
button{background:#a9baff;border-color:#a9baff;color:#131316}:focus-visible{outline-color:#a9baff}}`;

// Nothing is loaded and no script runs. No form-action: browsers apply it to where a form's answer redirects to as well,
// and that is the point of the form.
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it may stand in HTML, in content and in quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);

/** Whether the caller is a browser that shows a page, by its Accept header. */
export const acceptsHtml = (accept = ""): boolean => /\btext\/html\b/i.test(accept);

/** A page of its own: light and dark, no asset, no script. `main` is HTML. */
export const page = (title: string, main: string, status = 200, headers: Reply["headers"] = {}): Reply => ({
  status,
  type: "text/html; charset=utf-8",
  headers: { "content-security-policy": POLICY, "x-robots-tag": "noindex", ...headers },
  body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main>${main}</main></body></html>`,
});

/** A problem as people read it; one that a secret would mend asks for it. */
export const toProblemPage = (problem: Problem): Reply => {
  const { status, title } = problemKinds[problem.kind];
  const { ask, headers } = problem.extra;
  const form = ask ? askFor(ask) : "";
  const main = `<p class="status">${status}</p><h1>${escapeHtml(title)}</h1><p id="detail" role="${ask ? "status" : "note"}">${escapeHtml(problem.message)}.</p>${form}`;
  return page(title, main, status, headers);
};

const askFor = ({ name, label }: { readonly name: string; readonly label: string }) => {
  const id = escapeHtml(name);
  return `<form method="post"><label for="${id}">${escapeHtml(label)}</label>
<input id="${id}" name="${id}" type="password" required autofocus autocomplete="off" aria-describedby="detail">
<button>Continue</button></form>`;
};
