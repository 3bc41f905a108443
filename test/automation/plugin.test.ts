import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { load } from "js-yaml";
import { providerClient } from "../local/pulumi/provider-client";
import { startTwinUnderTest, type TwinUnderTest } from "../local/twin-under-test";

const repository = resolve(__dirname, "../..");
const script = join(repository, "local/project/plugin/pulumi-resource-aws");

describe("the plugin that leads Pulumi's engine to the twin", () => {
    let folder: string;
    let engine: Server;
    let address: string;
    const children: ChildProcess[] = [];
    beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), "sortline-plugin-"));
        writeFileSync(join(folder, "Pulumi.yaml"), "name: test\n");
        engine = createServer();
        await once(engine.listen(0, "127.0.0.1"), "listening");
        address = `127.0.0.1:${(engine.address() as AddressInfo).port}`;
    });
    afterEach(() => {
        engine.close();
        for (const child of children.splice(0)) child.kill("SIGKILL");
        rmSync(folder, { recursive: true, force: true });
    });

    /** Starts it as an engine does. */
    function start(home: string | undefined, cwd = folder, ...args: string[]) {
        const { SORTLINE_HOME: _, ...inherited } = process.env;
        const env = home === undefined ? inherited : { ...inherited, SORTLINE_HOME: home };
        const child = spawn(script, [...args, address], { cwd, env });
        children.push(child);
        const said = { out: "", error: "" };
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
            said.out += text;
        });
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
            said.error += text;
        });
        const ended = once(child, "close").then(([code]) => ({ code, ...said }));
        const port = once(child.stdout, "data").then(([text]) => Number(text));
        return { child, ended, port };
    }

    describe("with a twin", () => {
        let twin: TwinUnderTest;
        beforeEach(async () => {
            twin = await startTwinUnderTest();
        });
        afterEach(() => twin.close());

        it("prints the port of a provider for this engine, and ends when the engine is gone", async () => {
            const { ended, port } = start(twin.home, folder, "--logtostderr", "-v=9", "--tracing", "file:///dev/null");
            const provider = providerClient(await port, address);
            await provider.begin();
            assert.equal((await provider.invoke("aws:index/getRegion:getRegion", {})).region, "eu-central-1");
            engine.close();
            await provider.end();
            const { code, out, error } = await ended;
            assert.deepEqual([code, error], [0, ""]);
            assert.match(out, /^\d+\n$/);
        });

        it("takes the closing of its port with it when it is killed", async () => {
            const { child, port } = start(twin.home);
            const provider = providerClient(await port, address);
            await provider.begin();
            child.kill("SIGKILL");
            await assert.rejects(async () => {
                for (;;) await provider.invoke("aws:index/getRegion:getRegion", {});
            });
        });

        it("ends with the twin", async () => {
            const { ended, port } = start(twin.home);
            await port;
            await twin.twin.close();
            assert.equal((await ended).code, 0);
        });
    });

    it("finds the twin's home in the project that the program is part of", async () => {
        const twin = await startTwinUnderTest(join(folder, ".sortline"));
        try {
            mkdirSync(join(folder, "src/deep"), { recursive: true });
            assert.ok((await start(undefined, join(folder, "src/deep")).port) > 0);
        } finally {
            await twin.close();
        }
    });

    it("says at once that there is no twin, or none any more, and how to start one", async () => {
        const home = join(folder, ".sortline");
        const wanted = new RegExp(`^No twin is running in ${home}, .*\n.*npx sortline start`);
        const none = await start(undefined).ended;
        assert.deepEqual([none.code, none.out], [1, ""]);
        assert.match(none.error, wanted);
        const twin = await startTwinUnderTest(home);
        const left = readFileSync(join(home, "twin.json"), "utf8");
        await twin.twin.close();
        writeFileSync(join(home, "twin.json"), left);
        const stale = await start(undefined).ended;
        assert.equal(stale.code, 1);
        assert.match(stale.error, wanted);
    });

    it("is not led to another home's twin that has taken the port", async () => {
        const twin = await startTwinUnderTest();
        try {
            const home = join(folder, ".sortline");
            mkdirSync(home);
            writeFileSync(join(home, "twin.json"), JSON.stringify({ ...twin.twin.file, token: "TWINOTHER" }));
            const { code, error } = await start(undefined).ended;
            assert.equal(code, 1);
            assert.match(error, /^No twin is running/);
        } finally {
            await twin.close();
        }
    });

    it("tells a person who starts it what it is for", async () => {
        address = "";
        const { code, error } = await start(undefined).ended;
        assert.equal(code, 1);
        assert.match(error, /a plugin for Pulumi/);
    });

    it("can be executed, and its project is the reference project", () => {
        accessSync(script, constants.X_OK);
        const read = (file: string) => Object(load(readFileSync(file, "utf8")));
        const file = join(repository, "local/project/Pulumi.yaml");
        const { main, backend, plugins, ...local } = read(file);
        const { main: program, ...project } = read(join(repository, "Pulumi.yaml"));
        assert.deepEqual(local, project);
        assert.equal(resolve(dirname(file), main), join(repository, program));
        assert.equal(resolve(dirname(file), plugins.providers[0].path), dirname(script));
        assert.match(backend.url, /^file:/);
    });
});
