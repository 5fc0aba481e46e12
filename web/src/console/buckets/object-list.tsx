import { Link } from "../../shell/router.tsx";
import { Badge } from "../../ui/surface.tsx";
import { bytes, dayTime } from "../format.ts";
import type { Place } from "../place.ts";
import { type Bucket, type Listing, leaf, shortVersion, stepsTo, type Version } from "./bucket-data.ts";

/** What of its address a bucket's page follows. */
export const placeNames = ["prefix", "after", "versions", "key", "version"] as const;
/** Where a person stands in a bucket. */
export type BucketPlace = Place<(typeof placeNames)[number]>;

/** The folders above, and this one. */
export const Crumbs = ({ bucket, place }: { bucket: Bucket; place: BucketPlace }) => (
  <nav aria-label="Folder" className="crumbs">
    <ol>
      {[{ name: bucket.name, prefix: "" }, ...stepsTo(place.at.prefix)].map(({ name, prefix }) => (
        <li key={prefix}>
          <Link
            to={place.to({ prefix, after: "", key: "", version: "" })}
            aria-current={prefix === place.at.prefix ? "true" : undefined}
          >
            {name === "" ? "(no name)" : name}
          </Link>
        </li>
      ))}
    </ol>
  </nav>
);

const FolderRow = ({ folder, place }: { folder: string; place: BucketPlace }) => (
  <tr>
    <th scope="row" colSpan={place.at.versions ? 4 : 3}>
      <Link to={place.to({ prefix: folder, after: "", key: "", version: "" })}>
        {leaf(folder, place.at.prefix)}
      </Link>
    </th>
  </tr>
);

const ObjectRow = ({ one, first, place }: { one: Version; first: boolean; place: BucketPlace }) => {
  const { at } = place;
  const version = at.versions ? one.versionId : "";
  const here = at.key === one.key && (at.version === version || (at.version === "" && first));
  return (
    <tr data-chosen={here} data-older={!first}>
      <th scope="row">
        <Link
          id={here ? "chosen-object" : undefined}
          to={place.to({ key: one.key, version })}
          aria-current={here ? "true" : undefined}
        >
          {leaf(one.key, at.prefix)}
        </Link>{" "}
        {one.marker && <Badge tone="bad">delete marker</Badge>}
      </th>
      {at.versions && <td className="arn">{shortVersion(one.versionId)}</td>}
      <td className="number">{one.marker ? "" : bytes(one.size)}</td>
      <td className="times wide-only">{dayTime(one.modified)}</td>
    </tr>
  );
};

/** Folders first, then objects, by name. */
export const Objects = ({ listing, place }: { listing: Listing; place: BucketPlace }) => (
  <table className="table console-table">
    <thead>
      <tr>
        <th scope="col">Name</th>
        {place.at.versions && <th scope="col">Version</th>}
        <th scope="col" className="number">
          Size
        </th>
        <th scope="col" className="wide-only">
          Modified
        </th>
      </tr>
    </thead>
    <tbody>
      {listing.folders.map((folder) => (
        <FolderRow key={folder} folder={folder} place={place} />
      ))}
      {listing.objects.map((one, i) => (
        <ObjectRow
          key={`${one.key} ${one.versionId}`}
          one={one}
          first={listing.objects[i - 1]?.key !== one.key}
          place={place}
        />
      ))}
    </tbody>
  </table>
);
