import { expect, it } from "vitest";
import { checkTemplate, render } from "./template.ts";

const library = {
  meta: { id: "1" },
  reader: { first: "Anaya", city: "Bengaluru" },
  loans: [
    { title: "Emma", due: 3 },
    { title: "Ulysses", due: 0 },
  ],
  tags: { a: 1, b: 2 },
  none: [],
  nothing: null,
};

it.each([
  ["Hello {{reader.first}}!", "Hello Anaya!"],
  ["{{{reader.first}}}", "Anaya"],
  ["{{#each loans}}{{@index}}:{{title}}{{#unless @last}}, {{/unless}}{{/each}}", "0:Emma, 1:Ulysses"],
  ["{{#each loans as |loan i|}}{{i}}{{loan.title}}{{/each}}", "0Emma1Ulysses"],
  ["{{#each tags}}{{@key}}={{this}};{{/each}}", "a=1;b=2;"],
  ["{{#each none}}x{{else}}nothing lent{{/each}}", "nothing lent"],
  ["{{#each missing}}x{{/each}}", ""],
  ["{{#if reader}}yes{{else}}no{{/if}}{{#if missing}}yes{{else}}no{{/if}}", "yesno"],
  ["{{#if missing}}a{{else if reader}}b{{else}}c{{/if}}", "b"],
  ["{{#with reader}}{{first}} of {{city}}, {{../meta.id}}{{/with}}", "Anaya of Bengaluru, 1"],
  ["{{#each loans}}{{#if due}}{{title}} for {{@root.reader.first}}{{/if}}{{/each}}", "Emma for Anaya"],
  ["{{lookup loans.[1] 'title'}}", "Ulysses"],
  ["{{#reader}}{{first}}{{/reader}}{{^missing}}none{{/missing}}", "Anayanone"],
  ['{{#* inline "sign"}}-- {{reader.first}}{{/inline}}{{> sign}}|{{> sign}}', "-- Anaya|-- Anaya"],
  [
    '{{#* inline "row"}}[{{title}}/{{mark}}]{{/inline}}{{#each loans}}{{> row mark="x"}}{{/each}}',
    "[Emma/x][Ulysses/x]",
  ],
  ["a{{! never seen }}b\\{{raw}}", "ab{{raw}}"],
])("%s is rendered", (template, text) => {
  expect(render(template, library)).toBe(text);
});

it("nothing is escaped, as in SES: user input must be escaped by whoever gives it", () => {
  expect(render("<b>{{x}}</b>", { x: "<i>&" })).toBe("<b><i>&</b>");
});

it.each([
  ["{{reader.last}}", "Attribute 'reader.last' is not present in the rendering data."],
  ["{{nothing}}", "Attribute 'nothing' is not present in the rendering data."],
  ["{{constructor.constructor}}", "Attribute 'constructor.constructor' is not present"],
  ["{{reader.__proto__}}", "Attribute 'reader.__proto__' is not present"],
  ["{{lookup reader 'constructor'}}", "Attribute 'lookup' is not present"],
  ["{{shout reader.first}}", "Could not find helper: 'shout'"],
  ["{{> nowhere}}", "The partial 'nowhere' could not be found."],
  ["{{#* inline 'me'}}{{> me}}{{/inline}}{{> me}}", "Partials nest too deeply."],
])("%s fails to render", (template, why) => {
  expect(() => render(template, library)).toThrow(why);
});

it("data is written as data, whatever it calls itself", () => {
  const data = JSON.parse(
    '{"x":{"toString":1,"valueOf":2},"list":[1,[2,{"toString":"no"}]],"__proto__":"own"}',
  );
  expect(render("{{x}} {{list}} {{lookup this '__proto__'}}", data)).toBe(
    "[object Object] 1,2,[object Object] own",
  );
});

const hostile = [
  `{{lookup ${"(lookup ".repeat(20_000)}x 1${" 1)".repeat(20_000)}}}`,
  `{{lookup ${"(lookup ".repeat(200)}x 1${" 1)".repeat(200)}}}`,
  "{{#a}}".repeat(80_000),
  `${"{{^a}}".repeat(200)}${"{{/a}}".repeat(200)}`,
  `{{#a}}${"{{else if b}}".repeat(30_000)}{{/a}}`,
  "{{!--".repeat(80_000),
  "{".repeat(400_000),
  "{{{{raw}}}}{{{{/raw}}}}",
  `{{a "${'\\"'.repeat(100_000)}`,
  `{{a ${"b ".repeat(100_000)}}}`,
];

it.each(hostile.map((text, i) => [i, text] as const))(
  "a template that would keep the parser busy is refused at once (%i)",
  (_, text) => {
    const began = performance.now();
    expect(() => checkTemplate(text)).toThrow("Template is not valid");
    expect(performance.now() - began).toBeLessThan(2_000);
  },
);

it("a long template is a template: a thousand blocks one after the other, comments, and a chain of choices", () => {
  const chain = `{{#if a}}x${"{{else if b}}y".repeat(50)}{{else}}z{{/if}}`;
  const text = `{{!-- {{#if}} {{#if}} --}}${"{{#if b}}y{{/if}}{{^b}}n{{/b}}".repeat(1_000)}${chain}\\{{c`;
  expect(render(text, {})).toBe(`${"n".repeat(1_000)}z{{c`);
});

it("a template that multiplies itself ends", () => {
  const list = Array.from({ length: 200 }, (_, i) => i);
  const bomb = `${"{{#each @root}}".repeat(4)}x${"{{/each}}".repeat(4)}`;
  expect(() => render(bomb, list)).toThrow("too many steps");
});

it.each(["{{#if x}}", "{{x", "{{/if}}", "{{#each}}{{/if}}"])("%s is no template", (text) => {
  expect(() => checkTemplate(text)).toThrow("Template is not valid");
});
