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
];
