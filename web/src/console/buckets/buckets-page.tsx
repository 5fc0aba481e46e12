import { Link } from "../../shell/router.tsx";
import { count } from "../../ui/format.ts";
import { Badge, FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { useView } from "../client.ts";
import { useFollow } from "../follow.tsx";
import { bytes, dayTime } from "../format.ts";
import { PageHead } from "../page-head.tsx";
import type { PageProps } from "../pages.ts";
import { TryThis } from "../try-this.tsx";
import { type Bucket, Buckets } from "./bucket-data.ts";
import { BucketPage } from "./bucket-page.tsx";

const BucketRow = ({ bucket }: { bucket: Bucket }) => (
  <tr>
    <th scope="row">
      <Link to={`/console/buckets/${encodeURIComponent(bucket.name)}`}>{bucket.name}</Link>{" "}
      {bucket.isPublic && <Badge tone="ember">public</Badge>}
    </th>
    <td className="number">{count(bucket.objects)}</td>
    <td className="number">{bytes(bucket.bytes)}</td>
    <td className="wide-only small">{bucket.versioning === "Off" ? "" : bucket.versioning.toLowerCase()}</td>
    <td className="number wide-only">{bucket.uploads === 0 ? "" : count(bucket.uploads)}</td>
    <td className="wide-only times">{dayTime(bucket.created)}</td>
  </tr>
);

const columns = [
  ["Objects", "number"],
  ["Size", "number"],
  ["Versions", "wide-only"],
  ["Open uploads", "number wide-only"],
  ["Made", "wide-only"],
] as const;

/** Every bucket and what is in it; one of them, when it is named. */
export const BucketsPage = ({ rest: [name] }: PageProps) => {
  const follow = useFollow(3_000);
  const view = useView(Buckets, "s3/buckets", {}, follow.following);
  const buckets = view.data ?? [];
  const chosen = buckets.find((bucket) => bucket.name === name);
  if (chosen) return <BucketPage key={chosen.name} bucket={chosen} follow={follow} reload={view.reload} />;
  return (
    <article className="stack">
      <PageHead title="Buckets">{follow.button}</PageHead>
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading buckets" />}
      {view.data && name !== undefined && <p role="alert">There is no bucket {name}.</p>}
      {view.data && buckets.length === 0 && (
        <TryThis title="There is no bucket" command="aws s3 mb s3://photos">
          The stacks declare none. One can be made by API, too.
        </TryThis>
      )}
      {buckets.length > 0 && (
        <table className="table console-table">
          <thead>
            <tr>
              <th scope="col">Bucket</th>
              {columns.map(([title, only]) => (
                <th key={title} scope="col" className={only}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {buckets.map((bucket) => (
              <BucketRow key={bucket.name} bucket={bucket} />
            ))}
          </tbody>
        </table>
      )}
    </article>
  );
};
