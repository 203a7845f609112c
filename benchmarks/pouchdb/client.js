// One replication: node client.js push|pull FOLDER URL DOCUMENTS; prints its seconds. DOCUMENTS are JSON, one a line.
"use strict";
const fs = require("fs");
const path = require("path");
const PouchDB = require(path.join(process.env.NODE_PATH, "pouchdb"));

const [what, folder, url, documents] = process.argv.slice(2);
const options = { batch_size: 500, batches_limit: 10 };

async function main() {
  const local = new PouchDB(path.join(folder, what));
  const remote = new PouchDB(url + "/bench");
  await remote.info();
  if (what === "push") {
    const lines = fs.readFileSync(documents, "utf8").trim().split("\n");
    await local.bulkDocs(lines.map((line) => JSON.parse(line)));
  }
  const used = process.cpuUsage();
  const begun = process.hrtime.bigint();
  const done = await (what === "push" ? local.replicate.to(remote, options) : local.replicate.from(remote, options));
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  if (!done.ok) throw new Error("the replication failed");
  console.log(JSON.stringify({ seconds, documents: done.docs_written, cpu: process.cpuUsage(used) }));
  await local.close();
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
