import { BodyFault } from "../../kit/body-fault.ts";
import type { S3Answer } from "./contract.ts";
import { S3Fault } from "./fault.ts";

const ESCAPES: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;" };

const element = (name: string, value: string | number) =>
  `<${name}>${String(value).replace(/[<>&"]/g, (c) => ESCAPES[c] ?? c)}</${name}>`;

/** What failed, as S3's refusal of it; undefined for what is no refusal but a mistake of ours. */
export const asFault = (error: unknown): S3Fault | undefined => {
  if (error instanceof S3Fault) return error;
  if (error instanceof BodyFault) {
    return new S3Fault(error.code, { status: error.status, message: error.message, detail: error.fields });
  }
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ENOSPC" || code === "EDQUOT") return new S3Fault("InsufficientStorage");
  // the client went away in the middle of its body: nobody reads this
  if (code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE") return new S3Fault("IncompleteBody");
  return undefined;
};

/** An error as S3 writes it: code, message, what belongs to the code, then where it happened. No body for HEAD. */
export const faultAnswer = (
  fault: S3Fault,
  call: { method: string; resource: string; requestId: string; hostId: string },
): S3Answer => {
  if (call.method === "HEAD" || fault.status === 304) return { status: fault.status, headers: fault.headers };
  const detail = Object.entries(fault.detail).flatMap(([name, value]) =>
    value === undefined ? [] : [element(name, value)],
  );
  const body = [
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error>',
    element("Code", fault.code),
    element("Message", fault.message),
    ...detail,
    ...("Resource" in fault.detail || detail.length > 0 ? [] : [element("Resource", call.resource)]),
    element("RequestId", call.requestId),
    element("HostId", call.hostId),
    "</Error>",
  ].join("");
  return { status: fault.status, headers: { "content-type": "application/xml", ...fault.headers }, body };
};
