// express-pouchdb over LevelDB: node server.js FOLDER --ready-file FILE; ends with its standard input.
"use strict";
const fs = require("fs");
const path = require("path");
const modules = path.join(process.env.NODE_PATH, "/");
const need = (name) => require(modules + name);

const folder = process.argv[2];
const ready = process.argv[4];
const PouchDB = need("pouchdb").defaults({ prefix: folder + path.sep });
const app = need("express")();
process.chdir(folder);
app.use("/", need("express-pouchdb")(PouchDB, { mode: "minimumForPouchDB", inMemoryConfig: true }));
const server = app.listen(0, "127.0.0.1", () => {
  fs.writeFileSync(ready, JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
});
process.stdin.on("end", () => process.exit(0)).resume();
