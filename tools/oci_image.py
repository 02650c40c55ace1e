#!/usr/bin/env python3
"""Makes an OCI image of the built program, with nothing but Python: no daemon, no base image.

    tools/oci_image.py --spoor build/release/spoor --out build/spoor-image        a layout directory
    tools/oci_image.py --spoor build/release/spoor --out build/spoor-image.tar    the same as a tar

One layer: the program, the shared libraries and the loader that ldd names, the certificates of the
system's authorities, a user that is not root. The same inputs and SOURCE_DATE_EPOCH give the same
bytes. Format: OCI image-spec 1.1, image-layout.md, manifest.md, config.md, layer.md.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import hashlib
import io
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tarfile
import time

USER = 10001
PROGRAM = "spoor"
DATA = "data"
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
PORTS = (3200, 4317, 4318, 10428, 16686)
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


@dataclasses.dataclass
class Entry:
    """What stands at a path of the layer: a file's bytes, or a directory."""

    content: bytes | None = None
    mode: int = 0o755
    owner: int = 0


def shared_libraries(program: pathlib.Path) -> list[pathlib.Path]:
    """The paths that ldd names, the loader among them; none for a static program."""
    done = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env=os.environ | {"LC_ALL": "C"})
    if "not a dynamic executable" in done.stdout or "statically linked" in done.stdout:
        return []
    if done.returncode != 0 or "not found" in done.stdout:
        raise SystemExit(f"ldd {program}: {done.stdout.strip()}")
    found = re.findall(r"(?:=> |^\s+)(/\S+) \(0x", done.stdout, re.MULTILINE)
    return sorted({pathlib.Path(path) for path in found})


def entries_of(program: pathlib.Path, certificates: pathlib.Path | None) -> dict[str, Entry]:
    entries = {
        PROGRAM: Entry(program.read_bytes()),
        DATA: Entry(mode=0o750, owner=USER),
        "tmp": Entry(mode=0o1777),
        "etc/passwd": Entry(f"root:x:0:0::/:/nologin\nspoor:x:{USER}:{USER}::/{DATA}:/nologin\n"
                            .encode(), 0o644),
        "etc/group": Entry(f"root:x:0:\nspoor:x:{USER}:\n".encode(), 0o644),
        # Names of hosts: files first, then DNS.
        "etc/nsswitch.conf": Entry(b"hosts: files dns\n", 0o644),
    }
    for library in shared_libraries(program):
        entries[str(library).lstrip("/")] = Entry(library.resolve().read_bytes())
    if certificates is not None:
        entries[CERTIFICATES] = Entry(certificates.read_bytes(), 0o644)
    for path in list(entries):
        for parent in pathlib.PurePosixPath(path).parents:
            if str(parent) != ".":
                entries.setdefault(str(parent), Entry())
    return entries


def make_layer(entries: dict[str, Entry], epoch: int) -> bytes:
    """A tar in the order of the paths: parents come before what they hold."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, entry in sorted(entries.items()):
            info = tarfile.TarInfo(path)
            info.mode, info.uid, info.gid, info.mtime = entry.mode, entry.owner, entry.owner, epoch
            if entry.content is None:
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
            else:
                info.size = len(entry.content)
                tar.addfile(info, io.BytesIO(entry.content))
    return buffer.getvalue()


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def canonical_json(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def make_config(layer: bytes, version: str, epoch: int) -> bytes:
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch))
    return canonical_json({
        "created": created,
        "architecture": ARCHITECTURES[platform.machine()],
        "os": "linux",
        "config": {
            "User": f"{USER}:{USER}",
            "Entrypoint": [f"/{PROGRAM}"],
            "Cmd": ["serve"],
            "Env": ["SPOOR_LISTEN_HOST=0.0.0.0", f"SPOOR_STORAGE_PATH=/{DATA}",
                    f"SSL_CERT_FILE=/{CERTIFICATES}"],
            "ExposedPorts": {f"{port}/tcp": {} for port in PORTS},
            "Volumes": {f"/{DATA}": {}},
            "WorkingDir": "/",
            "StopSignal": "SIGTERM",
            "Labels": {"org.opencontainers.image.title": "spoor",
                       "org.opencontainers.image.version": version,
                       "org.opencontainers.image.licenses": "Apache-2.0"},
        },
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
        "history": [{"created": created, "created_by": "tools/oci_image.py"}],
    })


def make_layout(layer: bytes, version: str, epoch: int) -> dict[str, bytes]:
    """The files of the layout by their names."""
    packed = gzip.compress(layer, 6, mtime=0)
    config = make_config(layer, version, epoch)

    def descriptor(media_type: str, data: bytes) -> dict:
        return {"mediaType": media_type, "digest": digest(data), "size": len(data)}

    manifest = canonical_json({"schemaVersion": 2, "mediaType": MANIFEST,
                               "config": descriptor(CONFIG, config),
                               "layers": [descriptor(LAYER, packed)]})
    named = descriptor(MANIFEST, manifest) | {
        "annotations": {"org.opencontainers.image.ref.name": version},
        "platform": {"architecture": ARCHITECTURES[platform.machine()], "os": "linux"}}
    index = canonical_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": [named]})
    blobs = {f"blobs/sha256/{digest(data).removeprefix('sha256:')}": data
             for data in (packed, config, manifest)}
    return {"oci-layout": canonical_json({"imageLayoutVersion": "1.0.0"}),
            "index.json": index} | blobs


def write_layout(files: dict[str, bytes], out: pathlib.Path, epoch: int) -> None:
    if out.suffix == ".tar":
        out.write_bytes(make_layer({name: Entry(data, 0o644) for name, data in files.items()} |
                                   {"blobs": Entry(), "blobs/sha256": Entry()}, epoch))
        return
    if out.exists() and any(out.iterdir()):
        raise SystemExit(f"{out} is not empty; remove it or choose another --out")
    for name, data in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def make_image(program: pathlib.Path, out: pathlib.Path, epoch: int,
               certificates: pathlib.Path | None) -> str:
    """Writes the image; the digest of its manifest."""
    said = subprocess.run([program, "version"], check=True, stdout=subprocess.PIPE, text=True)
    version = said.stdout.split()[-1]
    files = make_layout(make_layer(entries_of(program, certificates), epoch), version, epoch)
    write_layout(files, out, epoch)
    return json.loads(files["index.json"])["manifests"][0]["digest"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--spoor", type=pathlib.Path, default=pathlib.Path("build/release/spoor"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/spoor-image"),
                        help="a directory, or a file that ends in .tar")
    parser.add_argument("--certificates", type=pathlib.Path,
                        default=pathlib.Path("/") / CERTIFICATES,
                        help="PEM file of the authorities that the program trusts as a client")
    arguments = parser.parse_args()
    for path, option in ((arguments.spoor, "--spoor"), (arguments.certificates, "--certificates")):
        if not path.is_file():
            raise SystemExit(f"no file {path}; choose another with {option}")
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    print(make_image(arguments.spoor.resolve(), arguments.out, epoch, arguments.certificates))
    return 0


if __name__ == "__main__":
    sys.exit(main())
