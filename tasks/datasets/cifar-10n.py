#!/usr/bin/env python3
"""Converts CIFAR-10_human.pt (https://github.com/UCSC-REAL/cifar-10-100n) into the IDX files that the reader cifar-10n takes.

The release is a zip archive that holds a pickled dict of six NumPy arrays; its licence (CC BY-NC 4.0) leaves the conversion to
you. Only the classes that such a file needs are let through: unpickling runs no other code. Needs NumPy.
"""
import pickle
import struct
import sys
import zipfile
from pathlib import Path

SETS = {
    "clean_label": "clean",
    "aggre_label": "aggregate",
    "random_label1": "random1",
    "random_label2": "random2",
    "random_label3": "random3",
    "worse_label": "worst",
}


class ArraysOnly(pickle.Unpickler):
    def find_class(self, module, name):
        of_numpy = module.split(".")[0] == "numpy" and name in ("_reconstruct", "ndarray", "dtype")
        if of_numpy or (module, name) == ("_codecs", "encode"):  # the latter: bytes under pickle protocol 2
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"expected NumPy arrays, found {module}.{name}")


def main(release, folder):
    with zipfile.ZipFile(release) as archive:
        pickled = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
        with archive.open(pickled) as stream:
            arrays = ArraysOnly(stream).load()
    folder = Path(folder).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    for key, name in SETS.items():
        labels = bytes(int(label) for label in arrays[key])
        target = folder / f"cifar-10n-{name}.idx"
        target.write_bytes(struct.pack(">II", 0x801, len(labels)) + labels)
        print(f"{target}: {len(labels)} labels")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: cifar-10n.py CIFAR-10_human.pt FOLDER")
    main(*sys.argv[1:])
