import type { Action, Upload, View } from "../kit/cloud.ts";
import { Refusal } from "./http.ts";

/**
 * Something the console shows: an AWS service, or a part of the local cloud that is none. The view and the action named
 * `""` answer at `/_local/<name>` itself; the view named `*` answers for any other member, which it finds in its query as `*`.
 */
export interface ConsolePart {
  readonly name: string;
  readonly views?: Readonly<Record<string, View>>;
  readonly actions?: Readonly<Record<string, Action>>;
  readonly uploads?: Readonly<Record<string, Upload>>;
}

/** What there is to see and to do, by part. */
export const indexOf = (parts: Iterable<ConsolePart>): readonly object[] =>
  [...parts].map(({ name, views = {}, actions = {} }) => ({
    name,
    views: Object.keys(views),
    actions: Object.keys(actions),
  }));

interface Place {
  readonly part: ConsolePart;
  readonly member: string;
}

const placeOf = (parts: Iterable<ConsolePart>, path: string): Place | undefined => {
  const [, name, member = "", ...rest] = path.slice("/_local".length).split("/");
  const part = [...parts].find((one) => one.name === name);
  return part && rest.length === 0 ? { part, member } : undefined;
};

const own = <T>(table: Readonly<Record<string, T>> | undefined, member: string): T | undefined =>
  table && Object.hasOwn(table, member) ? table[member] : undefined;

/** The view that answers `GET <path>`. */
export const viewAt = (parts: Iterable<ConsolePart>, path: string): View | undefined => {
  const { part, member = "" } = placeOf(parts, path) ?? {};
  const any = own(part?.views, "*");
  const anyOther =
    any && member !== "" ? (query: URLSearchParams) => any(withMember(query, member)) : undefined;
  return own(part?.views, member) ?? anyOther;
};

const withMember = (query: URLSearchParams, member: string): URLSearchParams => {
  query.set("*", decodeURIComponent(member));
  return query;
};

/** The action that answers `POST <path>`. */
export const actionAt = (parts: Iterable<ConsolePart>, path: string): Action | undefined => {
  const { part, member = "" } = placeOf(parts, path) ?? {};
  return own(part?.actions, member);
};

/** What takes the bytes of `PUT <path>`. */
export const uploadAt = (parts: Iterable<ConsolePart>, path: string): Upload | undefined => {
  const { part, member = "" } = placeOf(parts, path) ?? {};
  return own(part?.uploads, member);
};

const BUGS = [TypeError, ReferenceError, RangeError, SyntaxError];

/** What a view or an action threw, as an answer: its sentence, unless it is a mistake of the program's. */
export const refusalOf = (error: unknown): Refusal => {
  if (error instanceof Refusal) return error;
  const bug = !(error instanceof Error) || BUGS.some((kind) => error instanceof kind);
  if (bug) return new Refusal(500, "Something broke inside the console; the terminal says what.");
  const { status } = error as { status?: unknown };
  const known = typeof status === "number" && status >= 400 && status < 500;
  return new Refusal(known ? status : 400, error.message);
};
