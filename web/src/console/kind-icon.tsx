// What a resource is, at a glance; its name always stands beside it. Strokes on a 24-unit grid.
const paths: Readonly<Record<string, string>> = {
  edge: "M12 3.5a8.5 8.5 0 100 17 8.5 8.5 0 000-17zM3.5 12h17M12 3.5c-5 5-5 12 0 17M12 3.5c5 5 5 12 0 17",
  api: "M4 7h10M4 12h16M4 17h7M17 5l3 2-3 2",
  function: "M7 20L12.5 8M8 4h2.5L17 20h2",
  table: "M4 6c0-3 16-3 16 0v12c0 3-16 3-16 0zM4 6c0 3 16 3 16 0M4 12c0 3 16 3 16 0",
  queue: "M4 7h4v10H4zM10 7h4v10h-4zM16 7h4v10h-4z",
  topic: "M5 12h5M14 6h5M14 12h5M14 18h5M10 12l4-6M10 12l4 6M10 12h4",
  bus: "M3 12h18M7 12V6M12 12v6M17 12V6",
  schedule: "M12 3.5a8.5 8.5 0 100 17 8.5 8.5 0 000-17zM12 7.5V12l3 2",
  users: "M12 12a4 4 0 100-8 4 4 0 000 8zM4.5 20.5c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5",
  bucket: "M4 6h16l-2 14H6zM4 6c0-2.5 16-2.5 16 0",
  mail: "M4 6h16v12H4zM4 7l8 6 8-6",
  logs: "M5 5h14M5 10h14M5 15h9M5 20h6",
  other: "M6 6h12v12H6z",
};

const services: Readonly<Record<string, string>> = {
  cloudfront: "edge",
  apigateway: "api",
  "execute-api": "api",
  lambda: "function",
  dynamodb: "table",
  sqs: "queue",
  sns: "topic",
  events: "bus",
  scheduler: "schedule",
  "cognito-idp": "users",
  s3: "bucket",
  ses: "mail",
  logs: "logs",
};

/** What kind of resource an ARN names. */
export const kindOfArn = (arn: string): string => services[arn.split(":")[2] ?? ""] ?? "other";

/** A small picture of a kind of resource. */
export const KindIcon = ({ kind }: { kind: string }) => (
  <svg
    className="kind-icon"
    width="14"
    height="14"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.75"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    <path d={paths[kind] ?? paths.other} />
  </svg>
);
