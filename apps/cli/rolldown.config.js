import { defineConfig } from "rolldown";

export default defineConfig({
  input: "dist/main.js",
  platform: "node",
  output: { dir: "bundle", format: "esm", minify: true, cleanDir: true },
});
