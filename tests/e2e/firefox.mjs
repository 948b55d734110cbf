// A visit with Firefox. A line of standard input is a step, [name, ...arguments]; its answer is a line of standard output,
// {value} or {error}. Where the input ends, so does the browser.
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: process.argv[2],
  defaultViewport: { width: 1280, height: 720 },
});
const page = await browser.newPage();
const asked = [];
const complaints = [];
page.on("request", (request) => asked.push(request.url()));
page.on("console", (message) => complaints.push([message.type(), message.text()]));
page.on("pageerror", (error) => complaints.push(["error", `${error}`]));

const steps = {
  go: async (address) => void (await page.goto(address)),
  reload: async () => void (await page.reload()),
  evaluate: (expression) => page.evaluate(expression),
  async stroke([first, ...others]) {
    await page.mouse.move(...first);
    await page.mouse.down();
    for (const point of others) await page.mouse.move(...point);
    await page.mouse.up();
  },
  asked: () => asked,
  complaints: () => complaints,
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...given] = JSON.parse(line);
  const answer = await Promise.resolve(steps[name](...given)).then(
    (value) => ({ value }),
    (error) => ({ error: `${error}` }),
  );
  console.log(JSON.stringify(answer));
}
await browser.close();
