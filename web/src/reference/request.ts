import { addressOf } from "../api/send.ts";
import type { ApiOperation } from "./openapi.ts";

/** A request as it is being put together. */
export interface Trial {
  readonly values: Readonly<Record<string, string>>;
  readonly body: string;
}

const pick = (operation: ApiOperation, trial: Trial, place: string) =>
  Object.fromEntries(
    operation.parameters
      .filter((parameter) => parameter.in === place)
      .map(({ name }) => [name, trial.values[name]] as const)
      .filter(([, value]) => value !== undefined && value !== ""),
  );

/** Its address, parameters filled in. */
export const addressFor = (operation: ApiOperation, trial: Trial): string =>
  addressOf(operation.path, pick(operation, trial, "path"), pick(operation, trial, "query"));

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

const authorization = ({ auth }: ApiOperation, token: string | undefined): readonly string[] => {
  if (token !== undefined && auth !== "none") return [`-H ${quote(`authorization: Bearer ${token}`)}`];
  return auth === "required" ? [`-H "authorization: Bearer $TOKEN"`] : [];
};

/** The same request for a shell. A token is named, and written out only where it is given. */
export const toCurl = (operation: ApiOperation, trial: Trial, origin: string, token?: string): string =>
  [
    `curl -i ${operation.method === "HEAD" ? "--head" : `-X ${operation.method}`} ${quote(origin + addressFor(operation, trial))}`,
    ...authorization(operation, token),
    ...(operation.body
      ? [`-H ${quote(`content-type: ${operation.body.type}`)}`, `--data-raw ${quote(trial.body)}`]
      : []),
  ].join(" \\\n  ");

/** What a trial was answered. */
export interface TrialAnswer {
  readonly status: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const pretty = (text: string, type: string): string => {
  if (!type.includes("json")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

/** Sends it. Redirects are not followed: that one came is the answer. */
export const sendTrial = async (
  operation: ApiOperation,
  trial: Trial,
  token: string | undefined,
): Promise<TrialAnswer> => {
  const start = performance.now();
  try {
    const response = await fetch(addressFor(operation, trial), {
      method: operation.method,
      redirect: "manual",
      cache: "no-store",
      headers: {
        ...(operation.body ? { "content-type": operation.body.type } : {}),
        ...(token !== undefined && operation.auth !== "none" ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(operation.body ? { body: trial.body } : {}),
    });
    const text = await response.text();
    const redirected = response.type === "opaqueredirect";
    const type = response.headers.get("content-type") ?? "";
    return {
      status: redirected ? "3xx redirect" : `${response.status} ${response.statusText}`.trim(),
      ok: redirected || response.ok,
      ms: performance.now() - start,
      headers: [...response.headers],
      body: redirected
        ? "Browsers keep a redirect's status and target from scripts: use curl to see them."
        : pretty(text, type),
    };
  } catch (error) {
    const body = error instanceof Error ? error.message : String(error);
    return { status: "No answer", ok: false, ms: performance.now() - start, headers: [], body };
  }
};
