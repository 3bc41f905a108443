// A twin that lives until it is killed.
//   twin.ts HOME PROJECT
import { startTwin } from "../../local/twin";

const [home = "", project = ""] = process.argv.slice(2);
void startTwin({ home, project, ports: [0] });
