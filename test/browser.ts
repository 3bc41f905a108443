import { pathToFileURL } from "node:url";
import chromium from "@sparticuz/chromium";
import type { Context } from "mocha";
import { type Browser, type Page, chromium as playwright } from "playwright-core";

/**
 * A real browser. Its package has one for Linux on x64; elsewhere the test is skipped and says so, and where `CI` is set
 * it fails, so that CI never passes by skipping.
 */
export async function startBrowser(test: Context): Promise<Browser> {
    if (process.platform !== "linux" || process.arch !== "x64") {
        const why = `there is no browser for ${process.platform} on ${process.arch}`;
        if (process.env.CI !== undefined) throw new Error(why);
        process.stdout.write(`skipped, since ${why}\n`);
        return test.skip();
    }
    return playwright.launch({ executablePath: await chromium.executablePath() });
}

/** A page, and what went wrong or was asked for while it was open. */
export interface OpenPage {
    readonly page: Page;
    /** What the browser wrote to its console: errors of scripts, and what a policy refused. */
    readonly console: readonly string[];
    /** Addresses that were asked for after the page itself. */
    readonly requests: readonly string[];
}

/** Opens a file as a person would by a double click. */
export async function openFile(browser: Browser, file: string, colorScheme: "light" | "dark"): Promise<OpenPage> {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1000, height: 800 } });
    const console: string[] = [];
    const requests: string[] = [];
    const address = pathToFileURL(file).href;
    page.on("console", (message) => console.push(message.text()));
    page.on("pageerror", (error) => console.push(error.message));
    page.on("dialog", (dialog) => {
        console.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
    });
    page.on("request", (request) => {
        if (request.url() !== address) requests.push(request.url());
    });
    await page.goto(address);
    return { page, console, requests };
}
