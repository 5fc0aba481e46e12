import type { PageProps } from "../pages.ts";
import { TraceListPage } from "./trace-list.tsx";
import { TracePage } from "./trace-page.tsx";

/** The list, or one trace. */
export const TracesPage = ({ rest: [id] }: PageProps) =>
  id === undefined ? <TraceListPage /> : <TracePage key={id} id={id} />;
