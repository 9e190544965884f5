#!/usr/bin/env node
// Starts Pawl; on a Node that is too old it starts itself again on the `node` package beside it, or says what it needs.
// Any old Node must be able to read this file: no static imports, no syntax newer than dynamic import.
var NEEDED = 24;
var current = process.versions.node;

if (Number(current.split(".")[0]) >= NEEDED) {
  import("../dist/cli/main.js").catch(complain);
} else {
  Promise.all([import("module"), import("fs"), import("child_process")])
    .then(startOnOwnNode)
    .catch(explain);
}

function startOnOwnNode(modules) {
  var script = modules[1].realpathSync(process.argv[1]);
  var node = modules[0].createRequire(script).resolve("node/bin/node");
  var child = modules[2].spawn(node, [script].concat(process.argv.slice(2)), { stdio: "inherit" });
  // A terminal sends SIGINT to both processes: passing it on would count as the second signal, which ends at once.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => {
    child.kill("SIGTERM");
  });
  child.on("error", explain);
  child.on("exit", (code, signal) => {
    process.exit(signal === null ? code : 1);
  });
}

function explain() {
  console.error("Pawl needs Node " + NEEDED + " or later; this is Node " + current + " (" + process.execPath + ").");
  console.error("Install Node " + NEEDED + ", or run: npx --package=node@" + NEEDED + " --package=pawl pawl serve");
  process.exit(1);
}

function complain(error) {
  var unbuilt = error.code === "ERR_MODULE_NOT_FOUND" && /dist.cli.main\.js/.test(error.message);
  console.error(unbuilt ? "Pawl is not built: run `npm run build`, or start it from source with `npm start`." : error);
  process.exit(1);
}
