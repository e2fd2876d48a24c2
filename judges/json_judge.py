"""Where there is JSON: what the house answers is what its OpenAPI documents say, whatever is asked."""

import atexit
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
BINARY = os.environ.get("GUILDHALL_BIN") or str(REPOSITORY / "target/debug/guildhall")
EXAMPLES = 40

passed = 0
failed = 0


def ok(so, what, detail=""):
    global passed, failed
    if so:
        passed += 1
        return
    failed += 1
    print(f"FAILED {what}")
    for line in str(detail).splitlines():
        print(f"      {line}")


class Demo:
    """A demo of its own, ended by its own process id."""

    def __init__(self, folder):
        manifest = folder / "manifest.json"
        with open(folder / "demo.log", "wb") as log:
            self.process = subprocess.Popen(
                [BINARY, "demo", "--port", "0", "--manifest", str(manifest)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        atexit.register(self.close)
        end = time.monotonic() + 60
        while not manifest.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the demo did not open: " + (folder / "demo.log").read_text("utf-8", "replace"))
            time.sleep(0.03)
        self.manifest = json.loads(manifest.read_text("utf-8"))

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


# Whatever proxy is configured, the loopback address needs none.
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url, method="GET", headers=None):
    request = urllib.request.Request(url, method=method, headers=headers or {})
    try:
        with direct.open(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def schemathesis(folder, name, location, *more):
    """One run over a document; gives its report and what it printed."""
    report = folder / f"{name}.json"
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", location, "--max-examples", str(EXAMPLES),
        "--generation-deterministic", "--continue-on-failure", "--no-color",
        "--request-timeout", "10", "--report", "json", "--report-json-path", str(report), *more]
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    kept["NO_PROXY"] = "*"
    done = subprocess.run(command, cwd=folder, env=kept, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=150, text=True, errors="replace", check=False)
    return (json.loads(report.read_text("utf-8")) if report.exists() else None), done


def judge(folder, name, location, *more):
    global passed, failed
    start = time.monotonic()
    report, done = schemathesis(folder, name, location, *more)
    if report is None:
        ok(False, f"{name}: the tool ran", done.stdout[-4000:])
        return
    cases, operations = report["test_cases"], report["operations"]
    bad = cases["with_failures"] + cases["errored"]
    passed += cases["generated"] - bad
    failed += bad
    ok(done.returncode == 0, f"{name}: every check holds", done.stdout[-8000:])
    ok(report["complete"] and operations["total"] > 0 and operations["tested"] == operations["total"],
       f"{name}: every operation was asked", operations)
    print(f"{name}: {operations['tested']} operations, {cases['generated']} cases, {time.monotonic() - start:.1f} s")


def main(folder):
    demo = Demo(folder)
    pages, operations = demo.manifest["pages"], demo.manifest["operations"]

    for url in (f"{operations}/openapi.json", f"{pages}/demo/openapi.json"):
        status, headers, body = ask(url)
        kind = headers.get("content-type", "")
        ok(status == 200 and kind.startswith("application/json"), f"{url} is there", f"{status} {kind}")
        ok(json.loads(body)["openapi"].startswith("3."), f"{url} is an OpenAPI document")

    # Posts without an origin are refused before any route is looked for; the page's own may try, and
    # learn that there is nothing to post to.
    letters = f"{pages}/demo/mailbox.json"
    ok(ask(letters, "POST")[0] == 403, "a post from nowhere is refused")
    ok(ask(letters, "POST", {"Origin": "https://elsewhere.example"})[0] == 403, "a post from elsewhere is refused")
    status, headers, _ = ask(letters, "POST", {"Origin": pages})
    ok(status == 405 and headers.get("allow") == "GET,HEAD", "a post of our own is not for this page",
       f"{status} {headers.get('allow')}")

    judge(folder, "operations", f"{operations}/openapi.json")
    judge(folder, "mailbox", f"{pages}/demo/openapi.json", "--header", f"Origin:{pages}")

    # A document that tells something else is found out; otherwise contentment would mean nothing.
    document = json.loads(ask(f"{pages}/demo/openapi.json")[2])
    answer = document["paths"]["/demo/mailbox.json"]["get"]["responses"]["200"]["content"]["application/json"]
    answer["schema"]["properties"]["letters"]["items"]["properties"]["at"] = {"type": "string"}
    wrong = folder / "wrong.json"
    wrong.write_text(json.dumps(document), "utf-8")
    report, done = schemathesis(folder, "wrong-report", str(wrong), "--url", pages, "--header", f"Origin:{pages}",
                                "--max-failures", "1")
    found = [f["title"] for f in report["failures"]] if report else []
    ok(done.returncode == 1 and any("schema" in title.lower() for title in found),
       "a wrong document is found out", found or done.stdout[-2000:])
    demo.close()


if __name__ == "__main__":
    for end in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(end, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="guildhall-judge-") as made:
        try:
            main(pathlib.Path(made))
        except Exception as error:  # noqa: BLE001: whatever it is, it is told and counted
            ok(False, "the judge itself broke off", repr(error))
    print(f"{passed} passed, {failed} failed")
    sys.exit(0 if failed == 0 and passed > 0 else 1)
