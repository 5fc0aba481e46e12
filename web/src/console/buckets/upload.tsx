import { type DragEvent, type ReactNode, useRef, useState } from "react";
import type { Failure } from "../../api/failure.ts";
import { Button } from "../../ui/button.tsx";
import { count, plural } from "../../ui/format.ts";
import { FailureNotice } from "../../ui/surface.tsx";
import { put } from "../client.ts";

interface State {
  readonly busy: boolean;
  readonly done: number;
  readonly of: number;
  readonly failure?: Failure;
}

const useUpload = (bucket: string, prefix: string, uploaded: () => void) => {
  const [state, setState] = useState<State>({ busy: false, done: 0, of: 0 });
  // One after the other: a folder of many files must not open as many connections.
  const upload = async (files: readonly File[]) => {
    for (const [done, file] of files.entries()) {
      setState({ busy: true, done, of: files.length });
      const answer = await put("s3/object", { bucket, key: prefix + file.name }, file);
      if (answer.ok) continue;
      uploaded();
      return setState({ busy: false, done, of: files.length, failure: answer.failure });
    }
    uploaded();
    return setState({ busy: false, done: files.length, of: files.length });
  };
  return { state, upload };
};

const Progress = ({ state }: { state: State }) => (
  <>
    <p role="status" className="small quiet">
      {state.busy && `Uploading ${count(state.done + 1)} of ${count(state.of)}…`}
      {!state.busy && state.of > 0 && state.done === state.of && `${plural(state.of, "file")} uploaded`}
    </p>
    <FailureNotice failure={state.failure} />
  </>
);

/** Takes files that are chosen, or dropped on what it holds, into a folder of a bucket. */
export const Upload = ({
  bucket,
  prefix,
  uploaded,
  children,
}: {
  bucket: string;
  prefix: string;
  uploaded: () => void;
  children: ReactNode;
}) => {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const { state, upload } = useUpload(bucket, prefix, uploaded);
  const take = (files: FileList | null) => {
    if (files && files.length > 0) void upload([...files]);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (!state.busy) take(event.dataTransfer.files);
  };
  const drag = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <section
      className="drop-zone stack tight"
      aria-label="Objects"
      data-over={over}
      onDragOver={drag}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div className="row">
        <Button busy={state.busy} onClick={() => input.current?.click()}>
          Upload files
        </Button>
        <span className="small quiet wide-text">
          or drop them here, into {prefix === "" ? "the bucket" : prefix}
        </span>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label="Files to upload"
          onChange={(event) => {
            take(event.target.files);
            event.target.value = "";
          }}
        />
        <Progress state={state} />
      </div>
      {children}
    </section>
  );
};
