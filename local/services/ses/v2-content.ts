import { type Attachment, isRefusedFile } from "./compose.ts";
import { type Content, readData } from "./content.ts";
import type { Ses } from "./context.ts";
import { sesErrors } from "./errors.ts";
import { checkAdded } from "./mime-headers.ts";
import { checkParts, templateNamed } from "./templates.ts";
import { type Input, listOf, objectOf, optionalText, requiredText } from "./v2-call.ts";

const ENCODINGS = { BASE64: "base64", QUOTED_PRINTABLE: "quoted-printable", SEVEN_BIT: "7bit" } as const;

const attachmentOf = (value: unknown): Attachment => {
  const input = objectOf(value);
  const name = requiredText(input.FileName, "fileName");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break would end the header
  if (name.length > 255 || /[\u0000-\u001f]/.test(name))
    throw sesErrors.invalid("The attachment's file name is not valid.");
  if (isRefusedFile(name)) throw sesErrors.invalid(`Unsupported attachment type: ${name}`);
  const [type, id, description] = [input.ContentType, input.ContentId, input.ContentDescription].map((v) => {
    const text = optionalText(v);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break would end the header
    if (text !== undefined && /[\u0000-\u001f]/.test(text))
      throw sesErrors.invalid("The attachment is not valid.");
    return text;
  });
  const encoding = ENCODINGS[input.ContentTransferEncoding as keyof typeof ENCODINGS];
  return {
    name,
    content: Buffer.from(requiredText(input.RawContent, "rawContent"), "base64"),
    inline: input.ContentDisposition === "INLINE",
    ...(type ? { type } : {}),
    ...(id ? { id } : {}),
    ...(description ? { description } : {}),
    // Seven bits hold text alone: what is more is written so that it arrives.
    ...(encoding && encoding !== "7bit" ? { encoding } : {}),
  };
};

const attachmentsOf = (value: unknown): Attachment[] => {
  const attachments = listOf(value).map(attachmentOf);
  const ids = attachments.flatMap(({ id }) => id ?? []);
  if (new Set(ids).size < ids.length) throw sesErrors.invalid("Attachment content ids must be unique.");
  return attachments;
};

const dataOf = (value: unknown): string | undefined => {
  const data = objectOf(value).Data;
  return typeof data === "string" ? data : undefined;
};

const simple = (value: unknown): Content => {
  const input = objectOf(value);
  const body = objectOf(input.Body);
  const [html, text] = [dataOf(body.Html), dataOf(body.Text)];
  if (html === undefined && text === undefined) throw sesErrors.invalid("Message body cannot be empty.");
  return {
    kind: "simple",
    subject: dataOf(input.Subject) ?? "",
    ...(html === undefined ? {} : { html }),
    ...(text === undefined ? {} : { text }),
    headers: checkAdded(input.Headers),
    attachments: attachmentsOf(input.Attachments),
  };
};

const inline = (value: Input) => {
  const [subject, html, text] = [value.Subject, value.Html, value.Text].map(optionalText);
  checkParts([subject, html, text]);
  return {
    ...(subject === undefined ? {} : { subject }),
    ...(html === undefined ? {} : { html }),
    ...(text === undefined ? {} : { text }),
  };
};

/** A template that is stored, or stated in the call. */
export const templated = (ses: Ses, value: unknown): Content & { kind: "template" } => {
  const input = objectOf(value);
  const stated = input.TemplateContent ? inline(objectOf(input.TemplateContent)) : undefined;
  // The ARN's last part is the name.
  const name = optionalText(input.TemplateName) ?? optionalText(input.TemplateArn)?.split("/").at(-1);
  if (!stated && !name) throw sesErrors.invalid("Template name, ARN or content must be specified.");
  const data = optionalText(input.TemplateData) ?? "{}";
  readData(data);
  return {
    kind: "template",
    template: stated ? "" : (name ?? ""),
    parts: stated ?? templateNamed(ses, name ?? ""),
    data,
    headers: checkAdded(input.Headers),
    attachments: attachmentsOf(input.Attachments),
  };
};

/** What a message of `SendEmail` says. */
export const contentOf = (ses: Ses, input: Input, from: string | undefined): Content => {
  const content = objectOf(input.Content);
  const kinds = ["Simple", "Raw", "Template"].filter((kind) => content[kind]);
  if (kinds.length !== 1)
    throw sesErrors.invalid("Exactly one of simple, raw or template content must be specified.");
  if (content.Raw) {
    const data = Buffer.from(requiredText(objectOf(content.Raw).Data, "content.raw.data"), "base64");
    return { kind: "raw", data };
  }
  if (content.Template && !from) throw sesErrors.invalid("Source cannot be empty");
  return content.Simple ? simple(content.Simple) : templated(ses, content.Template);
};
