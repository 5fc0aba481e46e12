import * as v from "valibot";

/** What the bus delivers: the event's id, stable over retries, when it was published, and its data. */
export interface BusEvent<D> {
  readonly id: string;
  readonly at: string;
  readonly data: D;
}

/** An event as it arrives at a function or, through a rule, in a queue. */
export const busEvent = <S extends v.GenericSchema>(
  data: S,
): v.GenericSchema<unknown, BusEvent<v.InferOutput<S>>> =>
  v.pipe(
    v.object({ detail: v.object({ id: v.string(), at: v.string(), data }) }),
    v.transform(({ detail }) => detail),
  ) as unknown as v.GenericSchema<unknown, BusEvent<v.InferOutput<S>>>;
