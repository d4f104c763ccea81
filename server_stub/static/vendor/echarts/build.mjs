// Builds echarts.min.js: ECharts with only what the pages draw. Run it by: node build.mjs
// It needs npm, works in a temporary folder, and prints the hash for README.md.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ECHARTS = "6.1.0";
const ESBUILD = "0.28.2";
const here = dirname(fileURLToPath(import.meta.url));

const used = `
export { init, use } from "echarts/core";
import { use } from "echarts/core";
import { BarChart, HeatmapChart, LineChart, SankeyChart } from "echarts/charts";
import {
  AriaComponent, GridComponent, LegendComponent, VisualMapPiecewiseComponent,
} from "echarts/components";
import { SVGRenderer } from "echarts/renderers";
use([
  BarChart, HeatmapChart, LineChart, SankeyChart,
  AriaComponent, GridComponent, LegendComponent, VisualMapPiecewiseComponent,
  SVGRenderer,
]);
`;

const folder = mkdtempSync(join(tmpdir(), "echarts-"));
try {
  const run = (program, ...rest) => execFileSync(program, rest, { cwd: folder, stdio: "inherit" });
  writeFileSync(join(folder, "package.json"), '{"private": true}');
  writeFileSync(join(folder, "used.js"), used);
  run("npm", "install", "--silent", "--ignore-scripts", `echarts@${ECHARTS}`, `esbuild@${ESBUILD}`);
  run(
    join("node_modules", ".bin", "esbuild"), "used.js", "--bundle", "--minify", "--format=iife",
    "--global-name=echarts", "--target=es2019", "--legal-comments=none", "--charset=utf8",
    `--banner:js=/* ECharts ${ECHARTS}, Apache License 2.0; a part of it: see README.md */`,
    '--define:process.env.NODE_ENV="production"', "--outfile=echarts.min.js",
  );
  for (const name of ["LICENSE", "NOTICE"]) {
    copyFileSync(join(folder, "node_modules", "echarts", name), join(here, name));
  }
  const d3 = join(folder, "node_modules", "echarts", "licenses", "LICENSE-d3");
  copyFileSync(d3, join(here, "LICENSE-d3"));
  copyFileSync(join(folder, "node_modules", "zrender", "LICENSE"), join(here, "LICENSE-zrender"));
  const built = readFileSync(join(folder, "echarts.min.js"));
  writeFileSync(join(here, "echarts.min.js"), built);
  console.log(`${built.length} bytes, SHA-256 ${createHash("sha256").update(built).digest("hex")}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
