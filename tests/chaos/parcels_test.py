#!/usr/bin/env python3
"""Parcels notice what is missing, changed or too much."""
import pathlib
import random
import shutil
import sys
import tempfile
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import parcels  # noqa: E402


class ParcelsTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("sender", "inbox"):
            (self.folder / name).mkdir()
        self.inbox = self.folder / "inbox"
        receiver = types.SimpleNamespace(inbox=self.inbox, node=types.SimpleNamespace(name="Boris"))
        self.parcels = []
        for number, make in enumerate((parcels.make_small, parcels.make_folder, parcels.make_several)):
            paths, expected = make(random.Random(number), self.folder / "sender", f"Anna-{number}")
            self.parcels.append(parcels.Parcel(receiver, paths[0].name, paths, expected))

    def bring(self, parcel):
        for path in parcel.paths:
            target = self.inbox / path.name
            shutil.copytree(path, target) if path.is_dir() else shutil.copy(path, target)

    def test_what_came_as_it_was_is_right(self):
        for parcel in self.parcels:
            self.assertEqual(len(parcel.problems()), len(parcel.expected))
            self.bring(parcel)
            self.assertEqual(parcel.problems(), [])
            self.assertGreater(parcel.files(), 0)

    def test_one_byte_one_file_or_one_folder_is_a_problem(self):
        for parcel in self.parcels:
            self.bring(parcel)
            path = self.inbox / next(path for path, digest in parcel.expected.items()
                                     if digest and (self.inbox / path).stat().st_size)
            data = path.read_bytes()
            path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
            self.assertIn("other bytes", "".join(parcel.problems()))
            path.unlink()
            self.assertIn("has not come", "".join(parcel.problems()))
            path.write_bytes(data)
            self.assertEqual(parcel.problems(), [])
        folder = self.parcels[1]
        folder.is_right = False
        (self.inbox / folder.name / "empty").rmdir()
        self.assertEqual(len(folder.problems()), 1)
        (self.inbox / folder.name / "empty").mkdir()
        (self.inbox / folder.name / "what is this").touch()
        self.assertIn("was not sent", "".join(folder.problems()))

    def test_a_second_copy_is_found_and_compared(self):
        for parcel in self.parcels:
            self.bring(parcel)
        (self.inbox / "file.part-1").touch()
        self.assertEqual(parcels.leftovers(self.inbox), (["file.part-1"], []))
        tops = [path.name for parcel in self.parcels for path in parcel.paths]
        for top in tops:
            path = self.inbox / top
            again = self.inbox / f"{top} (2)"
            shutil.copytree(path, again) if path.is_dir() else shutil.copy(path, again)
        copies = parcels.leftovers(self.inbox)[1]
        self.assertEqual(copies, sorted(f"{top} (2)" for top in tops))
        self.assertTrue(all(parcels.is_right_copy(self.inbox, name) for name in copies))
        for top in tops:
            inside = self.inbox / f"{top} (2)"
            (inside / "empty").rmdir() if inside.is_dir() else inside.write_bytes(b"other")
        self.assertFalse(any(parcels.is_right_copy(self.inbox, name) for name in copies))
        (self.inbox / "nobody sent this (2)").touch()
        self.assertFalse(parcels.is_right_copy(self.inbox, "nobody sent this (2)"))


unittest.main()
