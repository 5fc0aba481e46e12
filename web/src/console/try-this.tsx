import type { ReactNode } from "react";
import * as v from "valibot";
import { CopyButton } from "../ui/button.tsx";
import { useView } from "./client.ts";
import { Code } from "./code.tsx";
import "./resources.css";

const Access = v.object({
  region: v.string(),
  aws: v.optional(v.object({ endpoint: v.string(), accessKeyId: v.string(), secretAccessKey: v.string() })),
});

/** A command of the AWS CLI with all it needs to reach this local cloud. */
const ready = (command: string, access: v.InferOutput<typeof Access> | undefined): string => {
  if (!access?.aws) return command;
  const { endpoint, accessKeyId, secretAccessKey } = access.aws;
  const settings = [
    `AWS_ENDPOINT_URL=${endpoint}`,
    `AWS_DEFAULT_REGION=${access.region}`,
    `AWS_ACCESS_KEY_ID=${accessKeyId}`,
    `AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
  ];
  return `export ${settings.join(" \\\n  ")}\n${command}`;
};

/** Nothing is here yet; the command would put something here. */
export const TryThis = ({
  title,
  command,
  children,
}: {
  title: string;
  command: string;
  children?: ReactNode;
}) => {
  const text = ready(command, useView(Access, "").data);
  return (
    <div className="empty try-this">
      <strong>{title}</strong>
      {children && <p>{children}</p>}
      <div className="try-this-command">
        <Code label="A command to try" text={text} />
        <CopyButton text={text} label="Copy the command" />
      </div>
    </div>
  );
};
