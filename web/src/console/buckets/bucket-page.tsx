import { useEffect, useRef } from "react";
import type { Failure } from "../../api/failure.ts";
import { Link } from "../../shell/router.tsx";
import { count, plural } from "../../ui/format.ts";
import { Empty, FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { act, useView } from "../client.ts";
import { ConfirmButton } from "../confirm-button.tsx";
import type { useFollow } from "../follow.tsx";
import { bytes } from "../format.ts";
import { PageHead } from "../page-head.tsx";
import { usePlace } from "../place.ts";
import { TryThis } from "../try-this.tsx";
import { type Bucket, Listing } from "./bucket-data.ts";
import { type BucketPlace, Crumbs, Objects, placeNames } from "./object-list.tsx";
import { ObjectPanel } from "./object-panel.tsx";
import { Upload } from "./upload.tsx";
import "../resources.css";
import "./buckets.css";

const Nothing = ({ bucket, place }: { bucket: Bucket; place: BucketPlace }) => {
  if (place.at.prefix !== "" || place.at.after !== "") return <Empty title="Nothing in this folder" />;
  return (
    <TryThis title="The bucket is empty" command={`aws s3 cp photo.jpg s3://${bucket.name}/photo.jpg`}>
      Drop a file here, or put one by API.
    </TryThis>
  );
};

/** After a step into another folder, focus stands at the way back: the row that was followed is gone. */
const useFocusOnStep = (prefix: string, after: string) => {
  const here = `${prefix} ${after}`;
  const before = useRef(here);
  useEffect(() => {
    if (before.current === here) return;
    before.current = here;
    document.querySelector<HTMLElement>(".crumbs [aria-current]")?.focus();
  }, [here]);
};

const Pages = ({ listing, place }: { listing: Listing | undefined; place: BucketPlace }) => {
  if (place.at.after === "" && listing?.after === undefined) return null;
  return (
    <p className="row">
      {place.at.after !== "" && (
        <Link className="button" to={place.to({ after: "" })}>
          From the start
        </Link>
      )}
      {listing?.after !== undefined && (
        <Link className="button" to={place.to({ after: listing.after })}>
          After these
        </Link>
      )}
    </p>
  );
};

const Head = ({ bucket, place, follow, empty }: HeadProps) => (
  <PageHead
    title={bucket.name}
    eyebrow={<Link to="/console/buckets">Buckets</Link>}
    lead={`${plural(bucket.objects, "object")}, ${bytes(bucket.bytes)}${bucket.uploads > 0 ? `, ${count(bucket.uploads)} open uploads` : ""}`}
  >
    {bucket.versioning !== "Off" && (
      <label className="check">
        <input
          type="checkbox"
          checked={place.at.versions !== ""}
          onChange={({ target }) => place.go({ versions: target.checked ? "1" : "", key: "", version: "" })}
        />
        All versions
      </label>
    )}
    {follow.button}
    <ConfirmButton
      label="Empty"
      title={`Delete everything in ${bucket.name}?`}
      detail="Every object, every version and every open upload. Notifications tell of each. This cannot be undone."
      run={empty}
    />
  </PageHead>
);

interface HeadProps {
  readonly bucket: Bucket;
  readonly place: BucketPlace;
  readonly follow: ReturnType<typeof useFollow>;
  readonly empty: () => Promise<Failure | undefined>;
}

/** One bucket: folders, objects, their versions, and a place to drop files. */
export const BucketPage = ({
  bucket,
  follow,
  reload,
}: Omit<HeadProps, "place" | "empty"> & { reload: () => void }) => {
  const place = usePlace(placeNames);
  const { prefix, after, versions, key } = place.at;
  const view = useView(
    Listing,
    "s3/objects",
    { bucket: bucket.name, prefix, after, versions },
    follow.following,
  );
  useFocusOnStep(prefix, after);
  const again = () => {
    view.reload();
    reload();
  };
  const empty = async () => {
    const answer = await act("s3/empty", { bucket: bucket.name });
    again();
    return answer.ok ? undefined : answer.failure;
  };
  const listing = view.data?.prefix === prefix ? view.data : undefined;
  return (
    <article className="stack">
      <Head bucket={bucket} place={place} follow={follow} empty={empty} />
      <div className="beside">
        <div className="stack tight">
          <Crumbs bucket={bucket} place={place} />
          <Upload bucket={bucket.name} prefix={prefix} uploaded={again}>
            <FailureNotice failure={view.failure} retry={view.reload} />
            {!listing && view.loading && <Skeleton label="Loading objects" />}
            {listing && listing.folders.length + listing.objects.length === 0 && (
              <Nothing bucket={bucket} place={place} />
            )}
            {listing && listing.folders.length + listing.objects.length > 0 && (
              <Objects listing={listing} place={place} />
            )}
          </Upload>
          <Pages listing={listing} place={place} />
        </div>
        {key !== "" && (
          <ObjectPanel key={`${key} ${place.at.version}`} bucket={bucket} place={place} changed={again} />
        )}
      </div>
    </article>
  );
};
