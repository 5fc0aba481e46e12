import type { Reporter, TestModule } from "vitest/node";

/** Prints one plain closing line, `N passed, N failed`, for whoever reads the output with a program. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const passed = tests.filter((test) => test.result().state === "passed").length;
    const failed = tests.filter((test) => test.result().state === "failed").length;
    const broken = modules.filter((module) => module.errors().length > 0).length;
    console.log(`\n${passed} passed, ${failed + broken} failed`);
  }
}
