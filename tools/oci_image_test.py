#!/usr/bin/env python3
"""Tests of tools/oci_image.py: the layout is what the specification says, and what it holds runs.

A small program of the system stands in for spoor where only the format matters; the program of
build/release or build/dev is packed once and run, if it is built.
"""

import gzip
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import oci_image  # noqa: E402

EPOCH = 1_700_000_000


def built_program():
    for preset in ("release", "dev"):
        program = HERE.parent / "build" / preset / "spoor"
        if program.exists():
            return program
    return None


def stand_in(directory):
    """`PROGRAM version` of something dynamically linked that is on every machine."""
    program = pathlib.Path(directory) / "stand-in"
    shutil.copy(shutil.which("echo"), program)
    return program


class OciImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.directory = pathlib.Path(cls.place.name)
        cls.program = stand_in(cls.place.name)
        cls.certificates = cls.directory / "authorities.pem"
        cls.certificates.write_text("authorities\n")
        cls.image = cls.directory / "image"
        cls.digest = oci_image.make_image(cls.program, cls.image, EPOCH, cls.certificates)

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def blob(self, descriptor):
        data = (self.image / "blobs" / descriptor["digest"].replace(":", "/")).read_bytes()
        self.assertEqual(len(data), descriptor["size"])
        self.assertEqual("sha256:" + hashlib.sha256(data).hexdigest(), descriptor["digest"])
        return data

    def manifest(self):
        index = json.loads((self.image / "index.json").read_bytes())
        self.assertEqual(index["manifests"][0]["digest"], self.digest)
        return json.loads(self.blob(index["manifests"][0]))

    def layer(self):
        return gzip.decompress(self.blob(self.manifest()["layers"][0]))

    def test_every_blob_has_its_digest_and_there_is_no_other(self):
        manifest = self.manifest()
        self.blob(manifest["config"])
        self.layer()
        self.assertEqual(len(list((self.image / "blobs" / "sha256").iterdir())), 3)
        layout = json.loads((self.image / "oci-layout").read_bytes())
        self.assertEqual(layout, {"imageLayoutVersion": "1.0.0"})

    def test_the_config_says_how_it_runs(self):
        config = json.loads(self.blob(self.manifest()["config"]))
        self.assertEqual(config["rootfs"]["diff_ids"],
                         ["sha256:" + hashlib.sha256(self.layer()).hexdigest()])
        run = config["config"]
        self.assertEqual((run["Entrypoint"], run["Cmd"]), (["/spoor"], ["serve"]))
        self.assertNotEqual(run["User"].split(":")[0], "0")
        self.assertIn("SPOOR_LISTEN_HOST=0.0.0.0", run["Env"])
        self.assertIn("SPOOR_STORAGE_PATH=/data", run["Env"])
        self.assertEqual(set(run["ExposedPorts"]), {f"{port}/tcp" for port in oci_image.PORTS})
        self.assertEqual(run["Volumes"], {"/data": {}})

    def test_the_layer_has_what_the_program_needs_and_belongs_to_root_but_for_the_data(self):
        packed = self.directory / "listed.tar"
        packed.write_bytes(self.layer())
        with tarfile.open(packed) as tar:
            members = {info.name: info for info in tar}
        for library in oci_image.shared_libraries(self.program):
            self.assertIn(str(library).lstrip("/"), members)
        self.assertIn("etc/ssl/certs/ca-certificates.crt", members)
        self.assertEqual(members["data"].uid, oci_image.USER)
        self.assertEqual({info.uid for name, info in members.items() if name != "data"}, {0})
        self.assertEqual({info.mtime for info in members.values()}, {EPOCH})
        for name in members:  # parents stand before what they hold
            parent = str(pathlib.PurePosixPath(name).parent)
            names = list(members)
            self.assertTrue(parent == "." or names.index(parent) < names.index(name), name)

    def test_the_same_inputs_give_the_same_bytes(self):
        again = self.directory / "again"
        self.assertEqual(oci_image.make_image(self.program, again, EPOCH, self.certificates),
                         self.digest)
        later = self.directory / "later"
        self.assertNotEqual(oci_image.make_image(self.program, later, EPOCH + 1,
                                                 self.certificates), self.digest)

    def test_a_tar_holds_the_same_files(self):
        out = self.directory / "image.tar"
        oci_image.make_image(self.program, out, EPOCH, self.certificates)
        with tarfile.open(out) as tar:
            files = {info.name: tar.extractfile(info).read() for info in tar if info.isfile()}
        expected = {str(path.relative_to(self.image)): path.read_bytes()
                    for path in self.image.rglob("*") if path.is_file()}
        self.assertEqual(files, expected)

    def test_what_it_holds_runs(self):
        program = built_program() or self.program
        expected = "spoor " if built_program() else "version"
        root = self.directory / "root"
        packed = self.directory / "layer.tar"
        packed.write_bytes(oci_image.make_layer(
            oci_image.entries_of(program, self.certificates), EPOCH))
        with tarfile.open(packed) as tar:
            for info in tar:
                self.assertFalse(info.name.startswith(("/", "..")), info.name)
            tar.extractall(root)
        libraries = oci_image.shared_libraries(program)
        places = {str(root / str(path.parent).lstrip("/")) for path in libraries}
        loaders = [path for path in libraries if path.name.startswith("ld-")]
        self.assertEqual(len(loaders), 1)
        commands = [[root / str(loaders[0]).lstrip("/"), "--inhibit-cache", "--library-path",
                     ":".join(sorted(places)), root / "spoor", "version"]]
        if os.geteuid() == 0 and shutil.which("chroot"):
            user = f"--userspec={oci_image.USER}:{oci_image.USER}"
            commands.append(["chroot", user, root, "/spoor", "version"])
        for command in commands:
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            self.assertIn(expected, said)

    def test_an_output_that_is_not_empty_is_refused(self):
        with self.assertRaises(SystemExit):
            oci_image.make_image(self.program, self.image, EPOCH, self.certificates)


if __name__ == "__main__":
    unittest.main()
