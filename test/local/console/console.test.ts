import assert from "node:assert/strict";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { XMLParser } from "fast-xml-parser";
import { type Console, type ConsoleData, createConsole } from "../../../local/console";

const counts = { received: 7, sorted: 3, review: 2, ignored: 1, failed: 0, inFlight: 1 };
const mail = {
    id: "3f2a",
    source: "inbox/offer.eml",
    state: "sorted",
    category: "sales",
    confidence: 0.934,
    route: "sales",
    reason: "confidence 0.93",
};

describe("The twin's web page", () => {
    let server: Server;
    let address: string;
    let page: Console;
    let data: ConsoleData | Error;

    beforeEach(async () => {
        data = { counts, mails: [mail] };
        page = createConsole({ load: async () => (data instanceof Error ? Promise.reject(data) : data) });
        server = createServer((incoming, response) => page.handle(incoming, response));
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });

    afterEach(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
    });

    const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
        fetch(new URL(path, address), { headers, method, redirect: "manual" });

    async function open(link = page.link(address)): Promise<string> {
        const opened = await get(link);
        assert.equal(opened.status, 303);
        assert.equal(opened.headers.get("location"), "/");
        return opened.headers.get("set-cookie")?.split(";")[0] ?? "";
    }

    const shown = async () => (await get("/", { cookie: await open() })).text();

    it("shows counts and the last mails to who opens the link", async () => {
        const text = await shown();
        assert.match(text, /local twin/);
        for (const [name, count] of [
            ["received", 7],
            ["sorted", 3],
            ["review", 2],
            ["ignored", 1],
            ["failed", 0],
            ["in flight", 1],
        ]) {
            assert.ok(text.includes(`<dt>${name}</dt><dd>${count}</dd>`), `${name}`);
        }
        const cells = [...text.matchAll(/<td[^>]*>(.*)<\/td>/g)].map(([, cell]) => cell);
        assert.deepEqual(cells, ["inbox/offer.eml", "sorted", "sales", "0.93", "sales", "confidence 0.93", "3f2a"]);
    });

    it("shows nothing without a session, says how to get one, and still says that it is the local twin", async () => {
        for (const cookie of ["", `sortline_${new URL(address).port}=guess`]) {
            const response = await get("/", { cookie });
            assert.equal(response.status, 403);
            const text = await response.text();
            assert.match(text, /link that the twin printed/);
            assert.match(text, /local twin/);
            assert.doesNotMatch(text, /offer/);
        }
        assert.equal((await get("/?code=guess")).status, 403);
    });

    it("takes each link once, and lets the browser that has a session open it again", async () => {
        const link = page.link(address);
        const cookie = await open(link);
        assert.equal((await get(link)).status, 403);
        assert.equal((await get(link, { cookie })).status, 303);
        assert.equal((await get("/", { cookie })).status, 200);
    });

    it("keeps the session from scripts, other sites and twins on other ports", async () => {
        const cookie = (await get(page.link(address))).headers.get("set-cookie") ?? "";
        assert.match(cookie, /; HttpOnly/);
        assert.match(cookie, /; SameSite=Strict/);
        assert.ok(cookie.startsWith(`sortline_${new URL(address).port}=`));
        assert.doesNotMatch(page.link(address), new RegExp(cookie.slice(cookie.indexOf("=") + 1, cookie.indexOf(";"))));
    });

    it("shows hostile names as text", async () => {
        const hostile = `"><script>alert(1)</script><img src=x onerror='a&b'>`;
        data = {
            counts,
            mails: [
                {
                    ...mail,
                    source: hostile,
                    reason: `\u202Egpj.exe\u0000`,
                    category: hostile,
                    id: hostile,
                    state: hostile,
                    route: hostile,
                },
            ],
        };
        const text = await shown();
        assert.equal([...text.matchAll(/<script/g)].length, 1);
        assert.doesNotMatch(text, /<img/);
        assert.doesNotMatch(text, /[\p{Cf}]|(?!\n)\p{Cc}/u);
        const first = /<td class="text">.*<\/td>/.exec(text)?.[0] ?? "";
        assert.equal(new XMLParser({ htmlEntities: true }).parse(first).td, hostile);
    });

    it("allows the browser to run and load nothing but its own files", async () => {
        const cookie = await open();
        const paths = ["/", "/console.js", "/console.css", "/none"];
        for (const response of await Promise.all(paths.map((path) => get(path, { cookie })))) {
            const policy = response.headers.get("content-security-policy") ?? "";
            assert.match(policy, /default-src 'none'/);
            assert.doesNotMatch(policy, /unsafe|\*|http/);
            assert.equal(response.headers.get("x-content-type-options"), "nosniff");
            assert.equal(response.headers.get("cache-control"), "no-store");
            assert.equal(response.headers.get("access-control-allow-origin"), null);
        }
        const text = await shown();
        assert.doesNotMatch(text, /\son\w+=|style=|javascript:|https?:/);
    });

    it("works without JavaScript: the page reloads itself", async () => {
        assert.match(await shown(), /<noscript><meta http-equiv="refresh" content="5"><\/noscript>/);
    });

    it("serves the script and the style sheet that the page names", async () => {
        const text = await shown();
        const files = [...text.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path = ""]) => path);
        assert.deepEqual(files.sort(), ["/console.css", "/console.js"]);
        for (const path of files) assert.equal((await get(path)).status, 200);
        new Function(await (await get("/console.js")).text());
    });

    it("says why there is nothing to see yet", async () => {
        data = new Error("the program is being <deployed>");
        assert.match(await shown(), /Nothing to see yet: the program is being &#60;deployed&#62;/);
        data = { counts: { ...counts, received: 0 }, mails: [] };
        assert.match(await shown(), /No mail yet/);
    });

    it("refuses other hosts, writes, and pages that it does not have", async () => {
        const cookie = await open();
        const status = await new Promise((resolve, reject) => {
            const headers = { host: `evil.example:${new URL(address).port}`, cookie };
            const sent = request(address, { headers }, (response) => resolve(response.resume().statusCode));
            sent.on("error", reject).end();
        });
        assert.equal(status, 403);
        assert.equal((await get("/", { cookie }, "POST")).status, 405);
        assert.equal((await get("/none", { cookie })).status, 404);
        assert.equal((await get("/", { cookie }, "HEAD")).status, 200);
    });
});
