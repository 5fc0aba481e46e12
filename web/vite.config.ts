import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const front = process.env.FRONT_URL ?? "http://127.0.0.1:3000";
const proxy = { "/api": { target: front, changeOrigin: false }, "/_local": { target: front } };

export default defineConfig({
  root: import.meta.dirname,
  base: "/app/",
  plugins: [react()],
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
});
