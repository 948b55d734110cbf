"""What tools/build/wasm.mjs makes of a module: it is run by Node, as the build does it."""

import json
import subprocess

from tests.conftest import ROOT

# Two functions, `one` and `two`, that return 1 and 2; the second has a local, and there is a global for the others to
# come after.
MODULE = (
    "0061736d01000000"  # magic, version
    "010501 60 00 01 7f"  # a type: () -> i32
    "030302 00 00"  # two functions of it
    "060601 7f 01 41 07 0b"  # a global, 7
    "070d02 036f6e65 00 00 0374776f 00 01"  # exports
    "0a0d02 04 00 41 01 0b 06 01 01 7f 41 02 0b"  # bodies
).replace(" ", "")

SCRIPT = """
    import { reduced, watched } from "%s";
    const module = Uint8Array.from(Buffer.from("%s", "hex"));
    const exportsOf = async (bytes) => (await WebAssembly.instantiate(bytes)).instance.exports;
    const answer = (call) => { try { return call(); } catch (error) { return error.constructor.name; } };
    const whole = await exportsOf(watched(module));
    const before = [whole[0].value, whole[1].value];
    const said = whole.two();
    const rest = await exportsOf(reduced(module, new Set([1])));
    console.log(JSON.stringify({
        before, said, after: [whole[0].value, whole[1].value],
        kept: answer(rest.two), left: answer(rest.one),
        size: reduced(module, new Set([0, 1])).length - module.length,
    }));
"""


def test_functions_are_seen_when_called_and_stop_where_they_were_left_out() -> None:
    script = SCRIPT % (ROOT / "tools/build/wasm.mjs", MODULE)
    done = subprocess.run(["node", "--input-type=module", "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        "before": [0, 0],
        "said": 2,
        "after": [0, 1],
        "kept": 2,
        "left": "RuntimeError",
        "size": 0,
    }
