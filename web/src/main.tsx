import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { resume } from "./api/session.ts";
import { App } from "./app.tsx";
import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/reduced-motion.css";

resume();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
