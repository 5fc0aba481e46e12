import { arnOf } from "./context.ts";
import {
  addTemplate,
  dropTemplate,
  replaceTemplate,
  templateFrom,
  templateNamed,
  testRender,
} from "./templates.ts";
import { objectOf, page, requiredText, seconds, type V2Operations } from "./v2-call.ts";

export const templateOperations: V2Operations = {
  "POST templates": [
    "CreateEmailTemplate",
    async (ses, { input }) => {
      const { Subject, Html, Text } = objectOf(input.TemplateContent);
      await addTemplate(ses, templateFrom(ses, input.TemplateName, Subject, Html, Text));
      return { node: arnOf(ses, `template/${input.TemplateName}`) };
    },
  ],
  "GET templates": [
    "ListEmailTemplates",
    ({ settings }, { query }) => {
      const newest = [...settings.templates.values()].sort((a, b) => b.createdAt - a.createdAt);
      const { items, token } = page(newest, query.get("NextToken"), query.get("PageSize"), 100);
      const shown = items.map(({ name, createdAt }) => ({
        TemplateName: name,
        CreatedTimestamp: seconds(createdAt),
      }));
      return { TemplatesMetadata: shown, ...token };
    },
  ],
  "GET templates/*": [
    "GetEmailTemplate",
    (ses, { names: [name = ""] }) => {
      const { subject, html, text } = templateNamed(ses, name);
      const arn = arnOf(ses, `template/${name}`);
      return { TemplateName: name, TemplateContent: { Subject: subject, Html: html, Text: text }, node: arn };
    },
  ],
  "PUT templates/*": [
    "UpdateEmailTemplate",
    async (ses, { names: [name = ""], input }) => {
      const { Subject, Html, Text } = objectOf(input.TemplateContent);
      templateNamed(ses, name);
      await replaceTemplate(ses, templateFrom(ses, name, Subject, Html, Text));
      return { node: arnOf(ses, `template/${name}`) };
    },
  ],
  "DELETE templates/*": [
    "DeleteEmailTemplate",
    async (ses, { names: [name = ""] }) => {
      templateNamed(ses, name);
      await dropTemplate(ses, name);
      return {};
    },
  ],
  "POST templates/*/render": [
    "TestRenderEmailTemplate",
    (ses, { names: [name = ""], input }) => ({
      RenderedTemplate: testRender(ses, name, requiredText(input.TemplateData, "templateData")),
    }),
  ],
};
