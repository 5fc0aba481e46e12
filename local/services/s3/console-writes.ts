import { Readable } from "node:stream";
import { neededText } from "../../kit/console-input.ts";
import type { ExtensionFactory, S3Context, S3Request } from "./contract.ts";

/** A call as the developer makes it, from inside: what it does is told to whoever listens, as of any call. */
const callOf = (
  { cloud }: S3Context,
  about: Pick<S3Request, "operation" | "bucket" | "key" | "headers"> & { readonly stream?: Readable },
): S3Request => ({
  stream: Readable.from([]),
  ...about,
  method: "PUT",
  query: new URLSearchParams(),
  trailers: Promise.resolve({}),
  caller: cloud.credentials.developer,
  region: cloud.graph.region,
  requestId: crypto.randomUUID(),
  sourceIp: "127.0.0.1",
});

const bucketNamed = ({ store }: S3Context, name: string): string => {
  if (!store.bucket(name)) throw new Error(`There is no bucket ${name}.`);
  return name;
};

/** Writing objects at the console. */
export const consoleWrites: ExtensionFactory = (context) => ({
  uploads: {
    /** `?bucket=…&key=…`, the body is the object. */
    async object(query, stream, { type, length }) {
      const bucket = bucketNamed(context, neededText(query, "bucket"));
      const headers = { "content-type": type, ...(length === undefined ? {} : { "content-length": length }) };
      const key = neededText(query, "key");
      await context.run(callOf(context, { operation: "PutObject", bucket, key, headers, stream }));
      return { key };
    },
  },
  actions: {
    /** An older version becomes the newest: it is copied, as the API would. */
    async restore(input) {
      const bucket = bucketNamed(context, neededText(input, "bucket"));
      const [key, versionId] = [neededText(input, "key"), neededText(input, "versionId")];
      const source = `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
      const headers = { "x-amz-copy-source": `${source}?versionId=${encodeURIComponent(versionId)}` };
      await context.run(callOf(context, { operation: "CopyObject", bucket, key, headers }));
      return { key };
    },
  },
});
