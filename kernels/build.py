# SPDX-License-Identifier: Apache-2.0
"""Called by build.sh: compiles, re-stamps, assembles and writes the manifest."""

import argparse
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

PTX = pathlib.Path("ptx")
MANIFEST = PTX / "manifest.json"


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def sources(path, seen=None):
    """A .cu file and the headers beside it that it includes, directly or not."""
    seen = [] if seen is None else seen
    if path.name not in seen:
        seen.append(path.name)
        for name in re.findall(r'^#include "([^"]+)"', path.read_text(), re.M):
            sources(path.parent / name, seen)
    return sorted(seen)


def run(*command):
    done = subprocess.run(command, text=True, capture_output=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def compile_ptx(source, arguments):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.ptx"
        run("nvcc", "-ptx", f"-arch=compute_{arguments.target}", *arguments.options.split(), "-o", str(out), str(source))
        text = out.read_text()
    body = text[text.index("\n.version") :].lstrip()
    # A hint about loads of which a part is unused; it needs a later PTX version and changes nothing.
    body = re.sub(r'^\s*\.pragma "used_bytes_mask[^;]*;\n', "", body, flags=re.M)
    stamped, count = re.subn(r"^\.version \S+", f".version {arguments.version}", body, flags=re.M)
    if count != 1:
        sys.exit(f"{source}: expected one .version line, found {count}")
    return f"// {source.name}, compiled by kernels/build.sh; do not edit.\n{stamped}"


def assemble(ptx, architecture):
    """Registers of each entry; fails on spills."""
    log = run("ptxas", "-v", f"-arch=sm_{architecture}", "-o", "/dev/null", str(ptx))
    registers = {}
    entry = None
    for line in log.splitlines():
        if match := re.search(r"Compiling entry function '(\w+)'", line):
            entry = match[1]
        elif match := re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores", line):
            if entry and int(match[1]) + int(match[2]):
                sys.exit(f"{ptx}: {entry} on sm_{architecture}: {line.strip()}")
        elif match := re.search(r"Used (\d+) registers", line):
            registers[entry] = int(match[1])
    return registers


def entries(text, registers):
    result = []
    for match in re.finditer(r"\.visible \.entry (\w+)\((.*?)\)(.*?)\n\{(.*?)\n\}", text, re.S):
        name, parameters, directives, body = match.groups()
        shared = sum(
            int(size or 1) * int(width) // 8
            for width, size in re.findall(r"^\s*\.shared .*?\.b(\d+) \w+(?:\[(\d+)\])?;", body, re.M)
        )
        limit = re.search(r"\.maxntid (\d+)", directives)
        result.append(
            {
                "name": name,
                "parameters": ["".join(p) for p in re.findall(r"\.param (?:\.align \d+ )?\.(\w+) \w+?(\[\d+\])?,?\s*$", parameters, re.M)],
                "sharedBytes": shared,
                "threads": int(limit[1]) if limit else 0,
                "registers": {f"sm_{a}": counts[name] for a, counts in registers.items()},
            }
        )
    return result


def main():
    PTX.mkdir(exist_ok=True)
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--assemble", required=True)
    parser.add_argument("--options", required=True)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()

    manifest = json.loads(MANIFEST.read_text()) if MANIFEST.exists() else {"modules": {}}
    modules = manifest["modules"]
    files = {path.stem: path for path in sorted(pathlib.Path(".").glob("*.cu"))}
    for name in set(arguments.names) - set(files):
        sys.exit(f"there is no {name}.cu; modules are {', '.join(files)}")
    for name in set(modules) - set(files):
        (PTX / f"{name}.ptx").unlink(missing_ok=True)
        del modules[name]

    for name, source in files.items():
        hashes = {used: sha256(used) for used in sources(source)}
        ptx = PTX / f"{name}.ptx"
        known = modules.get(name, {})
        current = known.get("sources") == hashes and ptx.exists() and known.get("ptx") == sha256(ptx)
        if not (arguments.all or name in arguments.names or (not arguments.names and not current)):
            continue
        print(f"{source} -> {ptx}", flush=True)
        text = compile_ptx(source, arguments)
        with tempfile.TemporaryDirectory() as folder:
            part = pathlib.Path(folder) / ptx.name
            part.write_text(text)
            registers = {a: assemble(part, a) for a in arguments.assemble.split()}
        ptx.write_text(text)
        modules[name] = {
            "version": arguments.version,
            "target": f"sm_{arguments.target}",
            "sources": hashes,
            "ptx": sha256(ptx),
            "entries": entries(text, registers),
        }
        # After each module, so that an error in a later one loses nothing.
        manifest["modules"] = dict(sorted(modules.items()))
        MANIFEST.write_text(json.dumps(manifest, indent=1) + "\n")


main()
