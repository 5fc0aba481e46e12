import type { Readable } from "node:stream";
import { Busboy } from "@fastify/busboy";
import type { S3Request } from "../contract.ts";
import { fault, S3Fault } from "../fault.ts";

/** A form read up to its file. */
export interface Form {
  /** By name in lower case, `bucket` among them. */
  readonly fields: ReadonlyMap<string, string>;
  readonly filename: string;
  readonly file: Readable;
  /** Resolves when the form has been read to its end; rejects when it is cut short. */
  readonly ended: Promise<void>;
}

/** What may stand before the file, bytes: S3's limit. */
const FIELDS_BYTES = 20_480;

const malformed = () =>
  new S3Fault("MalformedPOSTRequest", {
    message: "The body of your POST request is not well-formed multipart/form-data.",
  });

const parserOf = (contentType: string) => {
  try {
    return Busboy({
      headers: { "content-type": contentType },
      limits: { fieldSize: FIELDS_BYTES + 1, fields: 200, fieldNameSize: 1_024, files: 1, headerPairs: 50 },
    });
  } catch {
    throw malformed();
  }
};

/** Reads the fields of a form, and hands its file on as it arrives. What follows the file is ignored, as S3 does. */
export const readForm = ({ headers, stream, bucket }: S3Request): Promise<Form> => {
  const contentType = headers["content-type"] ?? "";
  if (!/^multipart\/form-data\s*;/i.test(contentType)) {
    throw new S3Fault("PreconditionFailed", {
      status: 412,
      message: "At least one of the pre-conditions you specified did not hold",
      detail: { Condition: "Bucket POST must be of the enclosure-type multipart/form-data" },
    });
  }
  const parser = parserOf(contentType);
  const fields = new Map([["bucket", bucket]]);
  let size = 0;
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  ended.catch(() => {}); // whoever waits for the form hears of it
  return new Promise<Form>((resolve, reject) => {
    const refuse = (error: Error) => {
      fail(error);
      reject(error);
      stream.unpipe(parser);
    };
    parser.on("field", (name, value, nameCut, valueCut) => {
      size += Buffer.byteLength(name) + Buffer.byteLength(value);
      if (size > FIELDS_BYTES || nameCut || valueCut) {
        return refuse(
          new S3Fault("MaxPostPreDataLengthExceeded", {
            message: "Your POST request fields preceding the upload file were too large.",
          }),
        );
      }
      fields.set(name.toLowerCase(), value);
    });
    parser.on("file", (name, file, filename) => {
      if (name.toLowerCase() !== "file") return file.resume();
      ended.catch((error: Error) => file.destroy(error));
      resolve({ fields, filename: filename ?? "", file, ended });
    });
    parser.on("finish", () => {
      end();
      reject(fault("InvalidArgument", { ArgumentName: "file", ArgumentValue: "0" }, NO_FILE));
    });
    parser.on("error", () => refuse(malformed()));
    stream.on("error", refuse);
    stream.pipe(parser);
  });
};

const NO_FILE = "POST requires exactly one file upload per request.";
