import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const front = process.env.FRONT_URL ?? "http://127.0.0.1:3000";
const proxy = { "/api": { target: front, changeOrigin: false }, "/_local": { target: front } };

export default defineConfig(({ command }) => ({
  root: import.meta.dirname,
  base: "/app/",
  plugins: [react()],
  define: {
    // Where the local cloud answers, which sets it when it builds the site. Without it, as for AWS, whatever stands
    // behind it (map, console, demo users) is no part of the build.
    "import.meta.env.VITE_LOCAL_CLOUD": JSON.stringify(
      process.env.VITE_LOCAL_CLOUD ?? (command === "serve" ? "/_local" : ""),
    ),
  },
  server: { host: "127.0.0.1", proxy },
  preview: { host: "127.0.0.1", proxy },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: true,
    target: "es2023",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // Nothing inlined: the page's CSP allows neither data: nor inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
}));
