import type { View } from "../kit/cloud.ts";
import { type Report, unusedLines } from "./report.ts";

/** The console's part for permissions: structurally a `ConsolePart`, so that neither imports the other. */
export interface PermissionsPart {
  readonly name: "permissions";
  readonly views: Readonly<Record<string, View>>;
}

/**
 * `GET /_local/permissions`: each function with what it may do, how often it did, and from which line of the stacks;
 * what was refused; `…/permissions/unused` names what was granted and not used since the start.
 */
export const permissionsPart = (permissions: { report(): Report } | undefined): PermissionsPart[] =>
  permissions
    ? [
        {
          name: "permissions",
          views: { "": () => permissions.report(), unused: () => unusedLines(permissions.report()) },
        },
      ]
    : [];
