import { PageHead } from "../page-head.tsx";

/** The latest traces. */
export const TraceListPage = () => <PageHead title="Traces" />;
