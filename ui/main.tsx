// Starts the dashboard.
import "@fontsource-variable/inter/wght.css";
import "./styles.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ProgramMissing } from "./data/page-program.ts";
import { queries } from "./data/server.ts";
import { startTheme } from "./data/theme.ts";
import { router } from "./routes.tsx";

/** Mistakes are for whoever mends them; that the server was away or updated is none, and told on the page. */
function report(error: unknown): void {
  if (!(error instanceof ProgramMissing)) reportError(error);
}

startTheme();
const root = document.getElementById("root");
if (root) {
  createRoot(root, { onCaughtError: report }).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
