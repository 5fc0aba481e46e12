import { JsonFault, outOfBounds } from "../../kit/json-service.ts";
import type { SsmContext } from "./model.ts";
import { arnOf, ssmErrors } from "./parameters.ts";

/** Levels of a hierarchy. */
const DEEPEST = 15;

/** Refuses a name that Parameter Store refuses. */
export const checkName = (context: SsmContext, name: string | undefined): string => {
  if (!name) throw outOfBounds(name ?? "", "name", "length greater than or equal to 1");
  if (arnOf(context, name).length > 1_011) throw ssmErrors.validation("Parameter name is too long.");
  const body = name.replace(/^\//, "");
  if (/^aws/i.test(body))
    throw new JsonFault("AccessDeniedException", `No access to reserved parameter name: ${name}.`);
  if (/^ssm/i.test(body) || !/^[\w.\-/]+$/.test(name) || name.includes("//") || name.endsWith("/"))
    throw ssmErrors.validation(
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    );
  if (!name.startsWith("/") && name.includes("/"))
    throw ssmErrors.validation("Parameter name must be a fully qualified name.");
  if (body.split("/").length > DEEPEST)
    throw new JsonFault(
      "HierarchyLevelLimitExceededException",
      `A hierarchy can have a maximum of ${DEEPEST} levels.`,
    );
  return name;
};
