import type { Handler, S3Answer, S3Request } from "./contract.ts";
import { xmlDate } from "./description.ts";
import { fault, invalidArgument, S3Fault } from "./fault.ts";
import { readDocument } from "./intake.ts";
import { bucketOf } from "./lookup.ts";
import { ownerOf } from "./owner.ts";
import { readXml, textOf, writeXml } from "./xml.ts";

const XML_TYPE = { "content-type": "application/xml" };

const RESERVED = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

/** Whether a bucket may be called this: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const isBucketName = (name: string): boolean =>
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
  !name.includes("..") &&
  !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
  !RESERVED.test(name);

const US_EAST = "us-east-1";

/** Where the bucket is to be. The endpoint of a region makes buckets in that region only, the first one's anywhere. */
const locationOf = async (request: S3Request): Promise<string> => {
  const text = await readDocument(request);
  const document = text.trim() === "" ? {} : readXml(text, "CreateBucketConfiguration");
  const asked = textOf(document, "LocationConstraint");
  if (request.region === US_EAST) {
    if (asked === US_EAST) throw fault("InvalidLocationConstraint", { LocationConstraint: asked });
    return asked || US_EAST;
  }
  if (asked === request.region) return asked;
  throw new S3Fault("IllegalLocationConstraintException", {
    message: `The ${asked ? asked : "unspecified"} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  });
};

const checkNew = ({ headers, bucket }: S3Request) => {
  if (!isBucketName(bucket)) throw fault("InvalidBucketName", { BucketName: bucket });
  const acl = headers["x-amz-acl"];
  if (acl !== undefined && acl !== "private" && headers["x-amz-object-ownership"] === undefined) {
    throw new S3Fault("InvalidBucketAclWithObjectOwnership", {
      message: "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    });
  }
  const ownership = headers["x-amz-object-ownership"];
  if (
    ownership !== undefined &&
    !/^(BucketOwnerEnforced|BucketOwnerPreferred|ObjectWriter)$/.test(ownership)
  ) {
    throw invalidArgument(
      "x-amz-object-ownership",
      ownership,
      `Invalid x-amz-object-ownership header: ${ownership}`,
    );
  }
  if (headers["x-amz-bucket-object-lock-enabled"]?.toLowerCase() === "true") {
    throw new S3Fault("NotImplemented", {
      message: "The local s3 service does not serve Object Lock.",
      status: 501,
    });
  }
};

const createBucket: Handler = async (request, { store, cloud }): Promise<S3Answer> => {
  checkNew(request);
  const region = await locationOf(request);
  const created = {
    status: 200,
    headers: { location: `/${request.bucket}`, "x-amz-bucket-arn": `arn:aws:s3:::${request.bucket}` },
  };
  // the oldest region answers a second creation by its owner with success
  if (region === US_EAST && store.bucket(request.bucket)) return created;
  const ownership = request.headers["x-amz-object-ownership"];
  const config = ownership === undefined ? {} : { ownershipControls: ownership };
  store.createBucket(request.bucket, { created: cloud.clock.now(), region, config });
  return created;
};

const deleteBucket: Handler = (request, { store }) => {
  store.deleteBucket(request.bucket);
  return { status: 204 };
};

const headBucket: Handler = (request, context) => ({
  status: 200,
  headers: {
    ...XML_TYPE,
    "x-amz-bucket-region": bucketOf(request, context).settings.region,
    "x-amz-bucket-arn": `arn:aws:s3:::${request.bucket}`,
    "x-amz-access-point-alias": "false",
  },
});

const getBucketLocation: Handler = (request, context) => {
  const { region } = bucketOf(request, context).settings;
  return {
    status: 200,
    headers: XML_TYPE,
    body: writeXml("LocationConstraint", region === US_EAST ? "" : region),
  };
};

const pageSize = (given: string | null): number => {
  const size = Number(given ?? 10_000);
  if (Number.isInteger(size) && size >= 1 && size <= 10_000) return size;
  throw invalidArgument(
    "max-buckets",
    given ?? "",
    "Argument max-buckets must be an integer between 1 and 10000",
  );
};

const listBuckets: Handler = ({ query }, { store, cloud }) => {
  const [prefix, region] = [query.get("prefix") ?? "", query.get("bucket-region")];
  const size = pageSize(query.get("max-buckets"));
  const from = Buffer.from(query.get("continuation-token") ?? "", "base64url").toString();
  const all = store
    .buckets()
    .filter(
      ({ name, settings }) =>
        name.startsWith(prefix) && name > from && (region === null || settings.region === region),
    );
  const page = all.slice(0, size);
  const last = all.length > size ? page.at(-1)?.name : undefined;
  return {
    status: 200,
    headers: XML_TYPE,
    body: writeXml("ListAllMyBucketsResult", {
      Owner: ownerOf(cloud.graph.accountId),
      Buckets: {
        Bucket: page.map(({ name, settings }) => ({
          Name: name,
          CreationDate: xmlDate(settings.created),
          BucketRegion: settings.region,
        })),
      },
      ContinuationToken: last === undefined ? undefined : Buffer.from(last).toString("base64url"),
      Prefix: prefix || undefined,
    }),
  };
};

const getBucketVersioning: Handler = (request, context) => {
  const { versioning } = bucketOf(request, context).settings;
  return {
    status: 200,
    headers: XML_TYPE,
    body: writeXml("VersioningConfiguration", { Status: versioning }),
  };
};

const putBucketVersioning: Handler = async (request, context) => {
  bucketOf(request, context);
  const document = readXml(await readDocument(request), "VersioningConfiguration");
  const status = textOf(document, "Status");
  if (status === undefined) throw fault("IllegalVersioningConfigurationException");
  if (status !== "Enabled" && status !== "Suspended") throw fault("MalformedXML");
  if (textOf(document, "MfaDelete") === "Enabled") {
    throw new S3Fault("NotImplemented", {
      message: "The local s3 service does not serve MFA Delete.",
      status: 501,
    });
  }
  context.store.configure(request.bucket, (settings) => ({ ...settings, versioning: status }));
  return { status: 200 };
};

/** Buckets as a whole. */
export const bucketOperations: Readonly<Record<string, Handler>> = {
  CreateBucket: createBucket,
  DeleteBucket: deleteBucket,
  HeadBucket: headBucket,
  GetBucketLocation: getBucketLocation,
  ListBuckets: listBuckets,
  GetBucketVersioning: getBucketVersioning,
  PutBucketVersioning: putBucketVersioning,
};
