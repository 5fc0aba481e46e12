import { type ComponentType, type LazyExoticComponent, lazy } from "react";

/** What a page is told: the segments of its address after its own, `["orders-queue"]`. */
export interface PageProps {
  readonly rest: readonly string[];
}

/** A page of the console. It is offered where the local cloud has the part it reads. */
export interface ConsolePageSpec {
  readonly slug: string;
  readonly name: string;
  /** What is found there, in a line. */
  readonly about: string;
  /** The part of `/_local/` behind it. */
  readonly part: string;
  readonly Page: LazyExoticComponent<ComponentType<PageProps>>;
}

const page = (
  part: string,
  slug: string,
  name: string,
  about: string,
  load: () => Promise<ComponentType<PageProps>>,
): ConsolePageSpec => ({ slug, name, about, part, Page: lazy(async () => ({ default: await load() })) });

/** Every page, in the order of the console's navigation. One line each: a new page is added here. */
export const pages: readonly ConsolePageSpec[] = [
  page(
    "traces",
    "traces",
    "Traces",
    "Every request and event, and all it led to",
    async () => (await import("./traces/traces-page.tsx")).TracesPage,
  ),
  page(
    "logs",
    "logs",
    "Logs",
    "What functions wrote, followed and filtered",
    async () => (await import("./logs/logs-page.tsx")).LogsPage,
  ),
  page(
    "lambda",
    "functions",
    "Functions",
    "How each does, its settings, and events to try it with",
    async () => (await import("./functions/functions-page.tsx")).FunctionsPage,
  ),
  page(
    "dynamodb",
    "tables",
    "Tables",
    "Items by key, by index, or all",
    async () => (await import("./tables/tables-page.tsx")).TablesPage,
  ),
  page(
    "sqs",
    "queues",
    "Queues",
    "What waits, and dead letters to send back",
    async () => (await import("./queues/queues-page.tsx")).QueuesPage,
  ),
  page(
    "scheduler",
    "schedules",
    "Schedules",
    "What runs next, and running it now",
    async () => (await import("./schedules/schedules-page.tsx")).SchedulesPage,
  ),
  page(
    "s3",
    "buckets",
    "Buckets",
    "Objects by folder, their versions, uploads",
    async () => (await import("./buckets/buckets-page.tsx")).BucketsPage,
  ),
  page(
    "ses",
    "mails",
    "Mails",
    "What was sent, as its reader sees it, and what became of it",
    async () => (await import("./mails/mails-page.tsx")).MailsPage,
  ),
  page(
    "sns",
    "messages",
    "Messages",
    "Texts, pushes, topics, and who hears of them",
    async () => (await import("./messages/messages-page.tsx")).MessagesPage,
  ),
  page(
    "execute-api",
    "connections",
    "Connections",
    "Open WebSockets, to write to and to cut off",
    async () => (await import("./connections/connections-page.tsx")).ConnectionsPage,
  ),
  page(
    "events",
    "buses",
    "Event buses",
    "Rules, whom they tell, and an event to try them with",
    async () => (await import("./buses/buses-page.tsx")).BusesPage,
  ),
  page(
    "cognito-idp",
    "users",
    "Users",
    "Who signed up, and the codes nobody was sent",
    async () => (await import("./users/users-page.tsx")).UsersPage,
  ),
  page(
    "secretsmanager",
    "secrets",
    "Secrets",
    "Secrets and parameters, masked until asked for",
    async () => (await import("./secrets/secrets-page.tsx")).SecretsPage,
  ),
  page(
    "monitoring",
    "metrics",
    "Metrics",
    "Alarms, and what was measured",
    async () => (await import("./metrics/metrics-page.tsx")).MetricsPage,
  ),
  page(
    "permissions",
    "permissions",
    "Permissions",
    "Granted, used, never used, and denied",
    async () => (await import("./permissions/permissions-page.tsx")).PermissionsPage,
  ),
];
