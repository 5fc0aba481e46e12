import type { AwsRequest } from "../../kit/cloud.ts";
import type { Mailbox } from "./address.ts";
import { decodedHeader, eventHeaders } from "./compose.ts";
import type { Writing, Written } from "./content.ts";
import type { Ses } from "./context.ts";
import { identityArn } from "./envelope.ts";
import type { Mail } from "./mail.ts";
import type { Envelope, Outgoing } from "./outgoing.ts";

/** Who called, as tags tell it: the role of a function, or the developer. */
const callerName = ({ caller }: AwsRequest): string => caller?.roleArn?.split("/").at(-1) ?? "developer";

const tagsOf = (outgoing: Outgoing, envelope: Envelope, caller: string): Record<string, string[]> => {
  const own = Object.groupBy(envelope.tags, ({ name }) => name);
  return {
    "ses:operation": [outgoing.operation],
    ...(envelope.set ? { "ses:configuration-set": [envelope.set.name] } : {}),
    "ses:source-ip": ["127.0.0.1"],
    "ses:from-domain": [envelope.from.address.split("@").at(-1) ?? ""],
    "ses:caller-identity": [caller],
    ...Object.fromEntries(
      Object.entries(own).map(([name, tags]) => [name, (tags ?? []).map((t) => t.value)]),
    ),
  };
};

const commonOf = (
  id: string,
  raw: Buffer | undefined,
  { from, to, cc, replyTo }: Envelope,
): Mail["common"] => {
  const headers = raw ? eventHeaders(raw) : [];
  const subject = decodedHeader(headers, "subject");
  const texts = (boxes: readonly Mailbox[]) => boxes.map(({ text }) => text);
  return {
    from: [decodedHeader(headers, "from") ?? from.text],
    ...(to.length > 0 ? { to: texts(to) } : {}),
    ...(cc.length > 0 ? { cc: texts(cc) } : {}),
    ...(replyTo.length > 0 ? { replyTo: texts(replyTo) } : {}),
    messageId: id,
    ...(subject === undefined ? {} : { subject }),
  };
};

/** What is kept of a message beside its bytes. */
export const mailOf = (
  ses: Ses,
  outgoing: Outgoing,
  envelope: Envelope,
  writing: Writing,
  written: Written,
  request: AwsRequest,
): Mail => {
  const { id, at } = writing;
  const raw = "raw" in written ? written.raw : undefined;
  const html = "raw" in written ? written.html : undefined;
  const link = /href\s*=\s*["']?(https?:\/\/[^"'\s>]+)/i.exec(html ?? "")?.[1]?.replaceAll("&amp;", "&");
  const trace = request.headers["x-amzn-trace-id"];
  const caller = callerName(request);
  const unrendered = [
    { name: "From", value: envelope.from.text },
    { name: "To", value: envelope.to.map(({ text }) => text).join(", ") },
  ];
  return {
    id,
    operation: outgoing.operation,
    at,
    source: envelope.from.text,
    sourceArn: identityArn(ses, envelope.identity),
    caller,
    destination: envelope.recipients.map(({ address }) => address),
    headers: raw ? eventHeaders(raw) : unrendered,
    common: commonOf(id, raw, envelope),
    ...(envelope.set ? { configurationSet: envelope.set.name } : {}),
    tags: tagsOf(outgoing, envelope, caller),
    size: raw?.length ?? 0,
    ...(outgoing.content.kind === "template" ? { template: outgoing.content.template } : {}),
    ...(outgoing.content.kind === "raw" ? { raw: true } : {}),
    ...(trace ? { trace } : {}),
    ...(envelope.list ? { list: envelope.list } : {}),
    tracks: writing.tracks,
    ...(link ? { link } : {}),
    events: [],
  };
};
