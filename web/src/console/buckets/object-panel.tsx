import { useEffect, useRef } from "react";
import { Button, CopyButton } from "../../ui/button.tsx";
import { Badge, FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { act, useView } from "../client.ts";
import { ConfirmButton } from "../confirm-button.tsx";
import { Facts } from "../facts.tsx";
import { bytes, dayTime } from "../format.ts";
import { type Bucket, ObjectView, shortVersion, type Version } from "./bucket-data.ts";
import type { BucketPlace } from "./object-list.tsx";

type Change = (action: string, input: object) => Promise<Awaited<ReturnType<typeof act>>>;

const About = ({ one }: { one: ObjectView }) => (
  <Facts
    facts={[
      ["Size", one.marker ? "" : bytes(one.size)],
      ["Modified", dayTime(one.modified)],
      ["Version", one.versionId === "null" ? "" : one.versionId],
      ["ETag", one.etag],
      [
        one.checksum?.algorithm ?? "",
        one.checksum && `${one.checksum.value}${one.checksum.type === "COMPOSITE" ? " (of its parts)" : ""}`,
      ],
      ["Class", one.storageClass === "STANDARD" ? "" : one.storageClass],
      ...Object.entries(one.headers),
    ]}
  />
);

const Texts = ({ title, texts }: { title: string; texts: Readonly<Record<string, string>> }) =>
  Object.keys(texts).length > 0 && (
    <section className="stack tight" aria-label={title}>
      <h3>{title}</h3>
      <Facts facts={Object.entries(texts)} />
    </section>
  );

const VersionRow = ({ one, latest, change }: { one: Version; latest: boolean; change: Change }) => (
  <li className="version">
    <span className="arn">{shortVersion(one.versionId)}</span>
    <span className="times">{dayTime(one.modified)}</span>
    <span className="small">
      {latest && <Badge tone="accent">latest</Badge>}{" "}
      {one.marker ? <Badge tone="bad">marker</Badge> : bytes(one.size)}
    </span>
    <span className="row tight">
      {!latest && !one.marker && (
        <Button className="chip" onClick={() => void change("s3/restore", { versionId: one.versionId })}>
          Restore<span className="hidden-visually"> version {shortVersion(one.versionId)}</span>
        </Button>
      )}
      <ConfirmButton
        chip
        label={one.marker ? "Remove marker" : "Delete"}
        title={one.marker ? "Remove this delete marker?" : "Delete this version for good?"}
        detail={
          one.marker && latest
            ? "The version before it is the object again."
            : "This version is gone for good. The others stay."
        }
        run={async () => {
          const answer = await change("s3/delete", { versionId: one.versionId });
          return answer.ok ? undefined : answer.failure;
        }}
      />
    </span>
  </li>
);

const Versions = ({ versions, change }: { versions: readonly Version[]; change: Change }) => (
  <section className="stack tight" aria-labelledby="versions">
    <h3 id="versions">Versions</h3>
    <ul className="versions">
      {versions.map((one, i) => (
        <VersionRow key={one.versionId} one={one} latest={i === 0} change={change} />
      ))}
    </ul>
  </section>
);

const Tools = ({ one, versioned, change }: { one: ObjectView; versioned: boolean; change: Change }) => (
  <div className="row tight">
    <a className="button" href={one.link} target="_blank" rel="noreferrer">
      Open
    </a>
    <a className="button" href={one.download} rel="noreferrer">
      Download
    </a>
    <CopyButton text={one.link ?? ""} label="Copy a link that opens it for 15 minutes" />
    <ConfirmButton
      label="Delete"
      title={`Delete ${one.key}?`}
      detail={
        versioned
          ? "A delete marker hides it; its versions stay and can be restored."
          : "The bucket keeps no versions: this cannot be undone."
      }
      run={async () => {
        const answer = await change("s3/delete", {});
        return answer.ok ? undefined : answer.failure;
      }}
    />
  </div>
);

const Shown = ({ one, bucket, change }: { one: ObjectView; bucket: Bucket; change: Change }) => (
  <>
    {one.marker ? (
      <p className="small quiet">A delete marker hides the versions before it.</p>
    ) : (
      <Tools one={one} versioned={bucket.versioning === "Enabled"} change={change} />
    )}
    <About one={one} />
    <Texts title="Metadata" texts={one.metadata} />
    <Texts title="Tags" texts={one.tags} />
    {bucket.versioning !== "Off" && <Versions versions={one.versions} change={change} />}
  </>
);

/** One object beside its folder: what it is, its versions, and what can be done to it. */
export const ObjectPanel = ({
  bucket,
  place,
  changed,
}: {
  bucket: Bucket;
  place: BucketPlace;
  changed: () => void;
}) => {
  const { key, version } = place.at;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const view = useView(ObjectView, "s3/object", { bucket: bucket.name, key, versionId: version });
  const change: Change = async (action, input) => {
    const answer = await act(action, { bucket: bucket.name, key, ...input });
    view.reload();
    changed();
    return answer;
  };
  const close = () => {
    document.getElementById("chosen-object")?.focus();
    place.go({ key: "", version: "" });
  };
  return (
    <section className="card beside-panel stack" aria-labelledby="object">
      <div className="panel-head">
        <h2 id="object" tabIndex={-1} ref={heading}>
          {key}
        </h2>
        <Button look="plain" className="chip" onClick={close}>
          Close
        </Button>
      </div>
      <FailureNotice failure={view.failure} />
      {!view.data && view.loading && <Skeleton label="Loading the object" />}
      {view.data && !view.failure && <Shown one={view.data} bucket={bucket} change={change} />}
    </section>
  );
};
