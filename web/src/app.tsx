import { lazy, type ReactNode, Suspense } from "react";
import { SignInPage } from "./account/sign-in-page.tsx";
import { SignUpPage } from "./account/sign-up-page.tsx";
import { patterns } from "./patterns/catalogue.ts";
import { HomePage } from "./patterns/home-page.tsx";
import { PlannedPage } from "./patterns/planned-page.tsx";
import { ErrorBoundary } from "./shell/error-boundary.tsx";
import { NotFound } from "./shell/not-found.tsx";
import { match, usePath } from "./shell/router.tsx";
import { Shell } from "./shell/shell.tsx";
import { Skeleton } from "./ui/surface.tsx";

// Each in a chunk of its own: the reference is not paid for by who only shortens a link.
const ShortenerPage = lazy(async () => ({
  default: (await import("./shortener/shortener-page.tsx")).ShortenerPage,
}));
const LinkDetailPage = lazy(async () => ({
  default: (await import("./shortener/link-page.tsx")).LinkPage,
}));
const LimiterPage = lazy(async () => ({
  default: (await import("./limiter/limiter-page.tsx")).LimiterPage,
}));
const CachePage = lazy(async () => ({
  default: (await import("./cache/cache-page.tsx")).CachePage,
}));
const ReferencePage = lazy(async () => ({
  default: (await import("./reference/reference-page.tsx")).ReferencePage,
}));
// Of the local cloud alone: a build for AWS holds nothing of them.
const MapPage = import.meta.env.VITE_LOCAL_CLOUD
  ? lazy(async () => ({ default: (await import("./map/map-page.tsx")).MapPage }))
  : undefined;
const ConsolePage = import.meta.env.VITE_LOCAL_CLOUD
  ? lazy(async () => ({ default: (await import("./console/console-page.tsx")).ConsolePage }))
  : undefined;

const page = (path: string): ReactNode => {
  if (path === "/") return <HomePage />;
  if (path === "/shortener") return <ShortenerPage />;
  if (path === "/limiter") return <LimiterPage />;
  if (path === "/cache") return <CachePage />;
  if (path === "/map" && MapPage) return <MapPage />;
  if (ConsolePage && (path === "/console" || path.startsWith("/console/")))
    return <ConsolePage path={path} />;
  if (path === "/api") return <ReferencePage />;
  if (path === "/sign-in") return <SignInPage />;
  if (path === "/sign-up") return <SignUpPage />;
  const link = match("/shortener/links/:hash", path);
  if (link?.hash) return <LinkDetailPage key={link.hash} hash={link.hash} />;
  const planned = patterns.find(({ slug }) => path === `/${slug}`);
  return planned ? <PlannedPage pattern={planned} /> : <NotFound />;
};

/** The whole page. */
export const App = () => {
  const path = usePath();
  return (
    <Shell>
      <ErrorBoundary key={path}>
        <Suspense fallback={<Skeleton label="Loading the page" />}>{page(path)}</Suspense>
      </ErrorBoundary>
    </Shell>
  );
};
