#!/usr/bin/env python3
"""Checks that other readers open the images of a run: python check_tables.py RUN

RUN is the folder that `tandem generate --out RUN` made. Each library that is installed reads the
whole folder RUN/images and decodes its pictures; one that is not is named and left out. Prints a
line for each, and ends with 1 if one that is installed fails, with 2 if there is no such folder.

    pip install pyarrow duckdb datasets pillow
"""

import glob
import importlib.util
import io
import os
import sys
import tempfile
import traceback


def decoded(png):
    """Returns the size of the picture in `png`, decoded to its last pixel."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        picture.load()
        return picture.size


def summary(indexes, files, waves=None):
    """Checks what every reader must find alike, and returns it in words."""
    indexes = list(indexes)
    sizes = {decoded(file) for file in files if file is not None}
    assert len(indexes) > 0, "there are no rows"
    assert len(set(indexes)) == len(indexes), "a sample_index is there twice"
    assert sizes, "there are no pictures"
    shown = ", ".join("%d x %d" % size for size in sorted(sizes))
    pictures = sum(file is not None for file in files)
    text = "%d rows, %d pictures of %s" % (len(indexes), pictures, shown)
    return text if waves is None else text + ", %d waves" % len(set(waves))


def of_columns(table):
    columns = table.to_pydict()
    files = [image and image["bytes"] for image in columns["image"]]
    return summary(columns["sample_index"], files, columns.get("wave"))


def pyarrow_table(images):
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(images)
    return of_columns(table.select(["sample_index", "image", "wave"]))


def pyarrow_dataset(images):
    import pyarrow.dataset

    dataset = pyarrow.dataset.dataset(images, format="parquet", partitioning="hive")
    return of_columns(dataset.to_table(columns=["sample_index", "image", "wave"]))


def duckdb_query(images):
    import duckdb

    pattern = os.path.join(images, "*", "*.parquet").replace("'", "''")
    rows = duckdb.sql(
        "SELECT sample_index, image.bytes, wave, tokens, latency.scales[1].ns"
        " FROM read_parquet('%s', hive_partitioning = true)" % pattern
    ).fetchall()
    return summary([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])


def hugging_face(images):
    from datasets import Image, disable_progress_bars, load_dataset

    disable_progress_bars()

    files = sorted(glob.glob(os.path.join(images, "*", "*.parquet")))
    with tempfile.TemporaryDirectory() as cache:
        dataset = load_dataset("parquet", data_files=files, split="train", cache_dir=cache)
        assert isinstance(dataset.features["image"], Image), "image is no picture column"
        pictures = [picture for picture in dataset["image"] if picture is not None]
        sizes = sorted({picture.size for picture in pictures})
        assert pictures, "there are no pictures"
        shown = ", ".join("%d x %d" % size for size in sizes)
        return "%d rows, %d pictures of %s" % (len(dataset), len(pictures), shown)


READERS = [
    ("pyarrow.parquet.read_table", "pyarrow", pyarrow_table),
    ("pyarrow.dataset with hive partitioning", "pyarrow", pyarrow_dataset),
    ("DuckDB", "duckdb", duckdb_query),
    ("Hugging Face datasets", "datasets", hugging_face),
]


def main(arguments):
    if len(arguments) != 1 or not os.path.isdir(os.path.join(arguments[0], "images")):
        print(__doc__.strip().splitlines()[0], file=sys.stderr)
        return 2
    images = os.path.join(arguments[0], "images")
    # A cache of its own, and no look at any server.
    os.environ["HF_HUB_OFFLINE"] = "1"
    failed = False
    for name, library, read in READERS:
        missing = [
            needed
            for needed in (library, "PIL")
            if importlib.util.find_spec(needed) is None
        ]
        if missing:
            print("%s: left out (not installed: %s)" % (name, ", ".join(missing)))
            continue
        try:
            print("%s: ok (%s)" % (name, read(images)))
        except Exception as fault:
            failed = True
            print("%s: FAILED (%s: %s)" % (name, type(fault).__name__, fault))
            traceback.print_exc()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
