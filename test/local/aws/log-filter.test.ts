import assert from "node:assert/strict";
import { filterPattern } from "../../../local/aws/logs/filter";

const trail = JSON.stringify({
    eventType: "UpdateTrail",
    sourceIPAddress: "111.111.111.111",
    arrayKey: ["value", "another value"],
    objectList: [
        { name: "a", id: 1 },
        { name: "b", id: 2 },
    ],
    SomeObject: null,
    ThisFlag: true,
    "cluster.name": "c",
});
const people = JSON.stringify({
    user: { id: 1, email: "John.Stiles@example.com" },
    users: [{ id: 2, email: "John.Doe@example.com" }],
    actions: ["GET", "PUT", "DELETE"],
    coordinates: [
        [0, 1, 2],
        [4, 5, 6],
    ],
    latency: 49.5,
    count: "3",
});
const access = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';
const error = "[ERROR 419] MISSING ARGUMENTS";

/** Patterns that match a line, and those that do not. */
const cases: readonly [line: string, matching: readonly string[], others: readonly string[]][] = [
    [
        error,
        [
            "",
            "  ",
            "ERROR",
            "ERROR ARGUMENTS",
            '"MISSING ARG"',
            "?WARN ?ERROR",
            "ERROR -WARN",
            "ARGUMENTS ?WARN",
            "-WARN",
        ],
        ["error", "ERROR WARN", '"ARGUMENTS MISSING"', "?WARN ?INFO", "ERROR -ARGUMENTS", '-"ERROR 419"', "-%4\\d9%"],
    ],
    [
        error,
        [
            "%MISS%",
            "%^.ERROR%",
            "%4[0-9]{2}%",
            "%WARN|ERROR%",
            "%\\[ERROR\\s\\d+\\]%",
            "%\\x45RROR%",
            "ERROR %ARG% -%WARN%",
            "?WARN ?%MIS+ING%",
        ],
        ["%^ERROR%", "%5\\d{2}%", "%MISSING$%"],
    ],
    [
        trail,
        [
            '{ $.eventType = "UpdateTrail" }',
            "{ $.eventType = UpdateTrail }",
            "{$.eventType=Update*}",
            "{ $.eventType = *Trail }",
            "{ $.eventType = *dateT* }",
            "{ $.sourceIPAddress != 123.123.* }",
            '{ $.arrayKey[0] = "value" }',
            "{ $.objectList[1].id = 2 }",
            "{ $.objectList[*].id = 2 }",
            "{ $.* = %111\\.111\\.111\\.1[0-9]{1,2}% }",
            "{ $.arrayKey[*] = %val.{2}% }",
            "{ $.SomeObject IS NULL }",
            "{ $.SomeOtherObject NOT EXISTS }",
            "{ $.ThisFlag IS TRUE }",
            "{ $.['cluster.name'] = c }",
        ],
        [
            '{ $.eventType = "updateTrail" }',
            "{ $.eventType = Up*Trail }",
            "{ $.sourceIPAddress != 111.* }",
            '{ $.arrayKey = "value" }',
            '{ $.arrayKey != "other" }',
            '{ $.nothing != "x" }',
            "{ $.eventType IS NULL }",
            "{ $.SomeObject NOT EXISTS }",
            "{ $.SomeObject = * }",
            "{ $.ThisFlag IS FALSE }",
            "{ $.ThisFlag = true }",
            "{ $.objectList[2].id = 2 }",
            "{ $.toString = * }",
            "{ $.eventType > 1 }",
        ],
    ],
    [
        people,
        [
            '{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }',
            '{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && $.actions[2] = "nonmatch" }',
            "{ $.coordinates[1][2] = 6 }",
            "{ $.latency < 50 && $.latency >= 49.5 && $.latency = 4.95e1 && $.latency > -1 && $.latency != 50 }",
            "{ $.count = 3 && $.count <= +3.0 }",
            "{ $.latency = 49* }",
        ],
        [
            '{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }',
            '{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = 0) && $.actions[2] = "nonmatch" }',
            "{ $.latency > 49.5 }",
        ],
    ],
    ["not JSON", ["-JSONL"], ["{ $.a NOT EXISTS }", '{ $.a != "x" }', "[a, b, c]"]],
    ["[1]", [], ["{ $.a NOT EXISTS }"]],
    [
        access,
        [
            "[ip, user, username, timestamp, request, status_code, bytes]",
            "[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]",
            "[..., status_code >= 400 && status_code < 500, bytes > 1000]",
            "[ip, user, ...]",
            "[ip, ..., bytes = 1534]",
            "[ip = %127\\.0\\.0\\.[1-9]%, ...]",
            '[..., request = "GET /index.html HTTP/1.0", status_code = 404 || status_code = 410, bytes]',
            "[..., status_code = 4*,]",
            "[ip, rest = *1534]",
            "[]",
        ],
        [
            "[a, b, c, d, e, f, g, h]",
            "[ip, user, username, timestamp, request, status_code = 200, bytes]",
            "[..., status_code, bytes > 2000]",
            "[ip = 128.*, ...]",
            "[w1 = 127.0.0.1]",
        ],
    ],
    ["WARNING too late", ["[w1=ERROR || w1=WARNING, w2]", "[w1=%WARN%, w2]"], ["[w1!=ERROR && w1!=WARNING, w2]"]],
];

describe("Filter patterns of CloudWatch Logs", () => {
    it("match as documented", () => {
        for (const [line, matching, others] of cases) {
            for (const pattern of matching) assert.ok(filterPattern(pattern)(line), `${pattern} should match ${line}`);
            for (const pattern of others)
                assert.ok(!filterPattern(pattern)(line), `${pattern} should not match ${line}`);
        }
    });

    it("find the values that they name", () => {
        const found = filterPattern("[ip, ..., size]")(access);
        assert.deepEqual(
            ["$ip", "$size", "$3", "$none", "$.ip"].map((each) => found?.(each)),
            ["127.0.0.1", "1534", "frank", undefined, undefined],
        );
        const member = filterPattern("{ $.latency = * }")(people);
        assert.deepEqual(
            ["$.latency", "$.user.email", "$.users", "$.none", "$latency"].map((each) => member?.(each)),
            [49.5, "John.Stiles@example.com", undefined, undefined, undefined],
        );
        assert.equal(filterPattern("ERROR")(error)?.("$.x"), undefined);
    });

    it("are refused where they are wrong", () => {
        const wrong = [
            '"open',
            "%open",
            "%(a)+%",
            "%a!%",
            "%\\p%",
            "%a{3,%",
            "%a% %b% %c%",
            "{ $.a = 1",
            "{ $.a = }",
            "{ $.a }",
            "{ a = 1 }",
            "{ $.a == 1 }",
            "{ $.a = 1 && }",
            "{ ($.a = 1 }",
            "{ $.a IS MAYBE }",
            "{ $.a EXISTS }",
            "{ $.a[x] = 1 }",
            "{ $.a = 1 } more",
            "{ $.a > text }",
            "{ $.*[*] = 1 }",
            "{ $.a[*]=1 || $.b[*]=1 || $.c[*]=1 || $.d[*]=1 }",
            "[a, ..., b, ..., c]",
            "[a, a]",
            "[a = ]",
            "[a, b",
            "[1a]",
            "[a=1 || b=2]",
            'a"b',
            "x".repeat(1025),
        ];
        for (const pattern of wrong) {
            assert.throws(
                () => filterPattern(pattern),
                { name: "InvalidParameterException", message: /^Invalid filter pattern: / },
                pattern,
            );
        }
    });
});
