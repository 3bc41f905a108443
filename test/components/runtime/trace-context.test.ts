import assert from "node:assert/strict";
import { beginTrace, continueTrace } from "../../../components/runtime/trace-context";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

describe("the trace of a record", () => {
    const { _X_AMZN_TRACE_ID: invocation } = process.env;
    const invokedWith = (header: string | undefined) => {
        if (header === undefined) delete process.env._X_AMZN_TRACE_ID;
        else process.env._X_AMZN_TRACE_ID = header;
    };
    beforeEach(() => invokedWith(undefined));
    after(() => invokedWith(invocation));

    it("goes on in a span of its own", () => {
        for (const flags of ["00", "01"]) {
            const next = continueTrace(`00-${TRACE}-${SPAN}-${flags}`);
            assert.match(next, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-${flags}$`));
            assert.ok(!next.includes(SPAN));
            assert.notEqual(next, continueTrace(`00-${TRACE}-${SPAN}-${flags}`));
        }
    });

    it("goes on from a later version of the format, with the flags that are known", () => {
        assert.match(continueTrace(`cc-${TRACE}-${SPAN}-ff-what-is-new`), new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    });

    it("is a new one where the record has none that is valid", () => {
        const invalid = [
            undefined,
            5,
            "",
            `ff-${TRACE}-${SPAN}-01`,
            `00-${TRACE.toUpperCase()}-${SPAN}-01`,
            `00-${"0".repeat(32)}-${SPAN}-01`,
            `00-${TRACE}-${"0".repeat(16)}-01`,
            `00-${TRACE}-${SPAN}-01-more`,
            `00-${TRACE}-${SPAN}`,
            `00-${TRACE}-${SPAN}-01\nsecret`,
        ];
        for (const traceparent of invalid) {
            const next = continueTrace(traceparent);
            assert.match(next, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
            assert.ok(!next.includes(TRACE), String(traceparent));
        }
    });

    it("is the invocation's in X-Ray where it begins", () => {
        const root = "Root=1-5759e988-bd862e3fe1be46a994272793";
        for (const begin of [beginTrace, () => continueTrace(undefined)]) {
            invokedWith(`${root};Parent=53995c3f42cd8ad8;Sampled=1`);
            assert.match(begin(), /^00-5759e988bd862e3fe1be46a994272793-[0-9a-f]{16}-01$/);
            invokedWith(`${root};Parent=53995c3f42cd8ad8;Sampled=0;Lineage=a87bd80c:1`);
            assert.match(begin(), /^00-5759e988bd862e3fe1be46a994272793-[0-9a-f]{16}-00$/);
            invokedWith("Root=nothing");
            assert.match(begin(), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
        }
    });

    it("stays the record's own when the invocation has another", () => {
        invokedWith("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1");
        assert.ok(continueTrace(`00-${TRACE}-${SPAN}-00`).startsWith(`00-${TRACE}-`));
    });
});
