import type { Graph, Resource } from "../graph/graph.ts";
import type { Clock } from "../kit/clock.ts";
import type { Role } from "./graph/roles.ts";
import type { Context } from "./policy/context.ts";

/** What a request's global condition keys are read from. */
export interface Facts {
  readonly graph: Graph;
  readonly clock: Clock;
  readonly resource: string;
  readonly role?: Role;
  /** The function that asks, for `lambda:SourceFunctionArn`. */
  readonly functionArn?: string;
  readonly region?: string;
  readonly userAgent?: string;
  readonly referer?: string;
  /** AWS itself asks: its principal, and on whose behalf. */
  readonly service?: string;
  readonly sourceArn?: string;
}

const byArn = new WeakMap<Graph, ReadonlyMap<string, Resource>>();

/** The resource an ARN names, or the one it lies in: an object's bucket, an index's table. */
export const resourceOf = (graph: Graph, arn: string): Resource | undefined => {
  let known = byArn.get(graph);
  if (!known) {
    // A component's children name its ARN too, as an input of their own: those do not count.
    const own = graph.resources.filter(
      ({ type, inputs, outputs }) =>
        !type.startsWith("sst:") && typeof outputs.arn === "string" && inputs.arn !== outputs.arn,
    );
    known = new Map(own.map((resource) => [String(resource.outputs.arn), resource]));
    byArn.set(graph, known);
  }
  for (let at = arn; at !== ""; at = at.slice(0, Math.max(at.lastIndexOf("/"), at.lastIndexOf(":"), 0))) {
    const found = known.get(at);
    if (found) return found;
  }
  return undefined;
};

const tag = (tags: unknown, key: string): string | undefined => {
  const wanted = key.toLowerCase();
  const entry = Object.entries((tags ?? {}) as Record<string, string>).find(
    ([k]) => k.toLowerCase() === wanted,
  );
  return entry?.[1];
};

type Read = (facts: Facts) => string | undefined;

const only = (value: string | undefined): readonly string[] | undefined =>
  value === undefined ? undefined : [value];

/** Global condition keys in lower case. Those that are not here do not exist for a request, as on AWS. */
const KEYS: Readonly<Record<string, Read>> = {
  // On AWS every call is made over TLS; the plain HTTP of this machine is none of the app's doing.
  "aws:securetransport": () => "true",
  "aws:currenttime": ({ clock }) => new Date(clock.now()).toISOString(),
  "aws:epochtime": ({ clock }) => String(Math.floor(clock.now() / 1_000)),
  "aws:requestedregion": ({ graph, region }) => region ?? graph.region,
  "aws:useragent": ({ userAgent }) => userAgent,
  "aws:referer": ({ referer }) => referer,
  "aws:sourceip": ({ service }) => (service ? undefined : "127.0.0.1"),
  "aws:viaawsservice": () => "false",
  "aws:principalisawsservice": ({ service }) => String(service !== undefined),
  "aws:principalservicename": ({ service }) => service,
  "aws:sourcearn": ({ sourceArn }) => sourceArn,
  "aws:sourceaccount": ({ graph, sourceArn }) => (sourceArn ? graph.accountId : undefined),
  "aws:principalarn": ({ role }) => role?.arn,
  "aws:principalaccount": ({ graph, role }) => (role ? graph.accountId : undefined),
  "aws:principaltype": ({ role }) => (role ? "AssumedRole" : undefined),
  "aws:userid": ({ role, functionArn }) =>
    role ? `AROALOCAL:${functionArn?.split(":").at(6) ?? role.name}` : undefined,
  "aws:resourceaccount": ({ graph }) => graph.accountId,
  "lambda:sourcefunctionarn": ({ functionArn }) => functionArn,
};

/** The global condition keys of a request. */
export const globalKeys =
  (facts: Facts): Context =>
  (key) => {
    const read = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (read) return only(read(facts));
    const [prefix, name] = [key.slice(0, key.indexOf("/")), key.slice(key.indexOf("/") + 1)];
    if (prefix === "aws:principaltag") return only(tag(facts.role?.tags, name));
    if (prefix !== "aws:resourcetag") return undefined;
    const { inputs, outputs } = resourceOf(facts.graph, facts.resource) ?? {};
    return only(tag(outputs?.tagsAll ?? inputs?.tags, name));
  };
