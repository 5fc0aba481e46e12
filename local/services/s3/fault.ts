/** S3's own words for what it refuses: code → status, message. Texts as S3 answers them. */
const TABLE = {
  AccessControlListNotSupported: [400, "The bucket does not allow ACLs"],
  AccessDenied: [403, "Access Denied"],
  BadDigest: [400, "The Content-MD5 you specified did not match what we received."],
  BucketAlreadyOwnedByYou: [
    409,
    "Your previous request to create the named bucket succeeded and you already own it.",
  ],
  BucketNotEmpty: [409, "The bucket you tried to delete is not empty"],
  ConditionalRequestConflict: [
    409,
    "The conditional request cannot succeed due to a conflicting operation against this resource.",
  ],
  EntityTooLarge: [400, "Your proposed upload exceeds the maximum allowed size"],
  EntityTooSmall: [400, "Your proposed upload is smaller than the minimum allowed size"],
  IllegalVersioningConfigurationException: [400, "The Versioning element must be specified"],
  IncompleteBody: [400, "The request body terminated unexpectedly"],
  InsufficientStorage: [507, "The local disk is full: nothing was stored."],
  InternalError: [500, "We encountered an internal error. Please try again."],
  InvalidArgument: [400, "Invalid Argument"],
  InvalidBucketName: [400, "The specified bucket is not valid."],
  InvalidBucketState: [409, "The request is not valid with the current state of the bucket."],
  InvalidDigest: [400, "The Content-MD5 you specified was invalid."],
  InvalidLocationConstraint: [400, "The specified location-constraint is not valid"],
  InvalidPart: [
    400,
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  ],
  InvalidPartNumber: [416, "The requested partnumber is not satisfiable"],
  InvalidPartOrder: [
    400,
    "The list of parts was not in ascending order. Parts must be ordered by part number.",
  ],
  InvalidRange: [416, "The requested range is not satisfiable"],
  InvalidRequest: [400, "Invalid Request"],
  InvalidStorageClass: [400, "The storage class you specified is not valid"],
  InvalidTag: [400, "The TagValue you have provided is invalid"],
  InvalidURI: [400, "Couldn't parse the specified URI."],
  KeyTooLongError: [400, "Your key is too long"],
  MalformedXML: [
    400,
    "The XML you provided was not well-formed or did not validate against our published schema",
  ],
  MetadataTooLarge: [400, "Your metadata headers exceed the maximum allowed metadata size"],
  MethodNotAllowed: [405, "The specified method is not allowed against this resource."],
  MissingContentLength: [411, "You must provide the Content-Length HTTP header."],
  MissingRequestBodyError: [400, "Request Body is empty"],
  NoSuchBucket: [404, "The specified bucket does not exist"],
  NoSuchKey: [404, "The specified key does not exist."],
  NoSuchTagSet: [404, "The TagSet does not exist"],
  NoSuchUpload: [
    404,
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
  ],
  NoSuchVersion: [404, "The specified version does not exist."],
  NoSuchObjectLockConfiguration: [404, "The specified object does not have a ObjectLock configuration"],
  NotImplemented: [501, "A header you provided implies functionality that is not implemented"],
  NotModified: [304, "Not Modified"],
  ObjectLockConfigurationNotFoundError: [404, "Object Lock configuration does not exist for this bucket"],
  PreconditionFailed: [412, "At least one of the pre-conditions you specified did not hold"],
  TooManyBuckets: [400, "You have attempted to create more buckets than allowed"],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

/** Codes whose status and message are known; any other can be thrown with both given. */
export type FaultCode = keyof typeof TABLE;

/** Elements an error carries beside code and message, in their order: `BucketName`, `ArgumentName`, … */
export type FaultDetail = Readonly<Record<string, string | number | undefined>>;

/** How a refusal differs from its line in the table. */
export interface FaultOptions {
  readonly status?: number;
  readonly message?: string;
  readonly detail?: FaultDetail;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What S3 answers instead of doing as it was asked. */
export class S3Fault extends Error {
  readonly code: string;
  readonly status: number;
  readonly detail: FaultDetail;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: string, options: FaultOptions = {}) {
    const [status, message] = (TABLE as Readonly<Record<string, readonly [number, string]>>)[code] ?? [
      400,
      code,
    ];
    super(options.message ?? message);
    this.name = "S3Fault";
    this.code = code;
    this.status = options.status ?? status;
    this.detail = options.detail ?? {};
    this.headers = options.headers ?? {};
  }
}

/** A refusal by its code in the table, with the elements S3 adds. */
export const fault = (code: FaultCode, detail: FaultDetail = {}, message?: string): S3Fault =>
  new S3Fault(code, { detail, ...(message === undefined ? {} : { message }) });

/** The refusal of one argument, named. */
export const invalidArgument = (name: string, value: string | undefined, message: string): S3Fault =>
  fault("InvalidArgument", { ArgumentName: name, ArgumentValue: value ?? "" }, message);

/** The refusal of what S3 could not read. */
export const malformedXml = (): S3Fault => fault("MalformedXML");
