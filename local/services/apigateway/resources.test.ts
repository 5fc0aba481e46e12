import { describe, expect, test } from "vitest";
import { buildTree, matchPath } from "./resources.ts";

const tree = (...paths: string[]) => {
  const parts = new Map<string, { id: string; parentId: string; pathPart: string }>();
  for (const path of paths) {
    const segments = path.split("/").slice(1);
    segments.forEach((pathPart, i) => {
      const id = `/${segments.slice(0, i + 1).join("/")}`;
      const parentId = i === 0 ? "root" : `/${segments.slice(0, i).join("/")}`;
      parts.set(id, { id, parentId, pathPart });
    });
  }
  // Backwards: a child may come before its parent.
  const root = buildTree("root", [...parts.values()].reverse()).get("root");
  if (!root) throw new Error("no root");
  return (path: string) => {
    const match = matchPath(root, path);
    return match && [match.node.path, match.params];
  };
};

describe("matching a path", () => {
  const find = tree(
    "/a",
    "/a/{id}",
    "/a/new",
    "/a/{id}/parts",
    "/files/{path+}",
    "/caf%C3%A9",
    "/b/{x+}",
    "/b/c/d",
  );

  test.each([
    ["/", ["/", null]],
    ["//", ["/", null]],
    ["/a", ["/a", null]],
    ["/a/", ["/a", null]],
    ["//a", ["/a", null]],
    ["/a/new", ["/a/new", null]],
    ["/a/n%65w", ["/a/new", null]],
    ["/a/1", ["/a/{id}", { id: "1" }]],
    ["/a/x%2Fy", ["/a/{id}", { id: "x%2Fy" }]],
    ["/a/1/parts", ["/a/{id}/parts", { id: "1" }]],
    ["/files/x", ["/files/{path+}", { path: "x" }]],
    ["/files/x//y/", ["/files/{path+}", { path: "x//y" }]],
    ["/b/z/1", ["/b/{x+}", { x: "z/1" }]],
    ["/b/c/d", ["/b/c/d", null]],
  ])("%s", (path, expected) => {
    expect(find(path)).toEqual(expected);
  });

  test.each(["/none", "/a/1/none", "/a//parts", "/A", "/b/c/other"])("%s leads nowhere", (path) => {
    expect(find(path)).toBeUndefined();
  });
});
