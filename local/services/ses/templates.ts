import { readData, renderParts } from "./content.ts";
import type { Ses } from "./context.ts";
import { sesErrors } from "./errors.ts";
import type { Template } from "./state.ts";
import { checkTemplate, InvalidTemplate, TEMPLATE_BYTES } from "./template.ts";
import { RenderingFailure } from "./template-nodes.ts";

/** Templates of one account and region. */
const MOST_TEMPLATES = 20_000;

/** A template by name; throws when there is none. */
export const templateNamed = ({ settings }: Ses, name: string): Template => {
  const template = settings.templates.get(name);
  if (!template) throw sesErrors.noTemplate(name);
  return template;
};

/** Throws unless texts are templates, and not too large together. */
export const checkParts = (given: readonly unknown[]): void => {
  const parts = given.flatMap((part) => (typeof part === "string" ? [part] : []));
  if (parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0) > TEMPLATE_BYTES)
    throw sesErrors.limit("The template exceeds the maximum size of 500 KB.");
  try {
    parts.forEach(checkTemplate);
  } catch (error) {
    if (error instanceof InvalidTemplate) throw sesErrors.invalidTemplate(error.message);
    throw error;
  }
};

/** Makes a template of its parts, or throws why it is none. */
export const templateFrom = (
  ses: Ses,
  name: unknown,
  subject: unknown,
  html: unknown,
  text: unknown,
): Template => {
  if (typeof name !== "string" || name === "")
    throw sesErrors.invalid("The template name must be specified.");
  if (!/^[\w-]{1,64}$/.test(name))
    throw sesErrors.invalid(`Template name <${name.slice(0, 80)}> is not valid.`);
  if (typeof subject !== "string" || subject === "")
    throw sesErrors.invalid("The subject must be specified.");
  checkParts([subject, html, text]);
  return {
    name,
    subject,
    ...(typeof html === "string" && html ? { html } : {}),
    ...(typeof text === "string" && text ? { text } : {}),
    createdAt: ses.settings.templates.get(name)?.createdAt ?? ses.cloud.clock.now(),
  };
};

/** Adds a template that is not there yet. */
export const addTemplate = async (ses: Ses, template: Template): Promise<void> => {
  const { templates } = ses.settings;
  if (templates.has(template.name))
    throw sesErrors.exists(
      `Template ${template.name} already exists for account id ${ses.cloud.graph.accountId}`,
    );
  if (templates.size >= MOST_TEMPLATES)
    throw sesErrors.limit(`Maximum number of templates (${MOST_TEMPLATES}) reached.`);
  templates.set(template.name, template);
  await ses.save();
};

/** Puts a template in place of one that is there. */
export const replaceTemplate = async (ses: Ses, template: Template): Promise<void> => {
  templateNamed(ses, template.name);
  ses.settings.templates.set(template.name, template);
  await ses.save();
};

/** Takes a template away; it is no error when there is none. */
export const dropTemplate = async (ses: Ses, name: string): Promise<void> => {
  if (ses.settings.templates.delete(name)) await ses.save();
};

/** Renders a template as a test: a MIME document. Here missing data is an error at once. */
export const testRender = (ses: Ses, name: string, data: string): string => {
  const template = templateNamed(ses, name);
  try {
    const { subject, html, text } = renderParts(template, readData(data));
    const date = new Date(ses.cloud.clock.now()).toISOString();
    const part = (type: string, body: string) =>
      `Content-Type: ${type}; charset=UTF-8\nContent-Transfer-Encoding: 7bit\n\n${body}`;
    const head = `Date: ${date}\nSubject: ${subject}\nMIME-Version: 1.0\n`;
    if (html === undefined || text === undefined)
      return head + part(html === undefined ? "text/plain" : "text/html", html ?? text ?? "");
    const edge = "----=_Part_0";
    const both = [part("text/plain", text), part("text/html", html)]
      .map((body) => `--${edge}\n${body}\n`)
      .join("");
    return `${head}Content-Type: multipart/alternative; boundary="${edge}"\n\n${both}--${edge}--\n`;
  } catch (error) {
    if (!(error instanceof RenderingFailure)) throw error;
    throw error.missing
      ? sesErrors.missingAttribute(error.message)
      : sesErrors.invalidTemplate(error.message);
  }
};
