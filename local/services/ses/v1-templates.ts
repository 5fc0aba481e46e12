import { mapOf, type QueryFields, textOf } from "../../kit/query.ts";
import { arnOf, type Ses } from "./context.ts";
import type { Template } from "./state.ts";
import {
  addTemplate,
  dropTemplate,
  replaceTemplate,
  templateFrom,
  templateNamed,
  testRender,
} from "./templates.ts";
import type { V1Operations } from "./v1.ts";
import { page } from "./v2-call.ts";

const given = (ses: Ses, fields: QueryFields): Template => {
  const { TemplateName, SubjectPart, HtmlPart, TextPart } = mapOf(fields, "Template");
  return templateFrom(ses, TemplateName, SubjectPart, HtmlPart, TextPart);
};

const nodeOf = (ses: Ses, name: string) => ({ node: arnOf(ses, `template/${name}`) });

export const v1TemplateOperations: V1Operations = {
  CreateTemplate: async (ses, fields) => {
    const template = given(ses, fields);
    await addTemplate(ses, template);
    return nodeOf(ses, template.name);
  },
  UpdateTemplate: async (ses, fields) => {
    const template = given(ses, fields);
    await replaceTemplate(ses, template);
    return nodeOf(ses, template.name);
  },
  GetTemplate: (ses, fields) => {
    const { name, subject, html, text } = templateNamed(ses, textOf(fields, "TemplateName") ?? "");
    const shown = { TemplateName: name, SubjectPart: subject, HtmlPart: html, TextPart: text };
    return { Template: shown, ...nodeOf(ses, name) };
  },
  DeleteTemplate: async (ses, fields) => {
    await dropTemplate(ses, textOf(fields, "TemplateName") ?? "");
    return {};
  },
  ListTemplates: ({ settings }, fields) => {
    const newest = [...settings.templates.values()].sort((a, b) => b.createdAt - a.createdAt);
    const { items, token } = page(newest, textOf(fields, "NextToken"), textOf(fields, "MaxItems"), 100);
    const shown = items.map(({ name, createdAt }) => ({
      Name: name,
      CreatedTimestamp: new Date(createdAt).toISOString(),
    }));
    return { TemplatesMetadata: shown, ...token };
  },
  TestRenderTemplate: (ses, fields) => ({
    RenderedTemplate: testRender(
      ses,
      textOf(fields, "TemplateName") ?? "",
      textOf(fields, "TemplateData") ?? "",
    ),
  }),
};
