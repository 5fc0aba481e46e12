import type { PageProps } from "../pages.ts";
import { TraceListPage } from "./trace-list.tsx";

/** The list, or one trace. */
export const TracesPage = ({ rest: [id] }: PageProps) => (id === undefined ? <TraceListPage /> : null);
