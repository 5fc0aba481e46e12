import { useState } from "react";
import type * as v from "valibot";
import type { Failure } from "../../api/failure.ts";
import { Button, CopyButton } from "../../ui/button.tsx";
import { FailureNotice } from "../../ui/surface.tsx";
import { act } from "../client.ts";

/** A value that is asked for only when a person wants to see it, and forgotten when hidden again. */
export const Reveal = <S extends v.GenericSchema>({
  input,
  of,
  how,
}: {
  input: object;
  of: string;
  how: { readonly path: string; readonly schema: S; text: (value: v.InferOutput<S>) => string };
}) => {
  const [value, setValue] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const reveal = async () => {
    if (value !== undefined) return setValue(undefined);
    const answer = await act(how.path, input, how.schema);
    setFailure(answer.ok ? undefined : answer.failure);
    if (answer.ok) setValue(how.text(answer.data));
  };
  return (
    <>
      <div className="secret-row">
        <p className="secret-value mono" role="status">
          {value ?? (
            <>
              <span aria-hidden="true">••••••••••</span>
              <span className="hidden-visually">hidden</span>
            </>
          )}
        </p>
        <Button className="chip" onClick={() => void reveal()}>
          {value === undefined ? "Reveal" : "Hide"}
          <span className="hidden-visually"> {of}</span>
        </Button>
        {value !== undefined && <CopyButton text={value} label={`Copy ${of}`} />}
      </div>
      <FailureNotice failure={failure} />
    </>
  );
};
