"""Unpacks a model's archive without trusting it."""

from __future__ import annotations

import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from .errors import InputProblem

_MOST_ENTRIES = 10_000
# Five billion weights in full precision, more than an encoder has.
_MOST_BYTES = 20_000_000_000


def unpack_model(archive: Path, target: Path) -> None:
    """Unpacks files and folders of a `model.tar.gz`.

    Raises InputProblem if it is missing or damaged, too large, or holds links, devices or paths out of the folder.
    """
    if not archive.is_file():
        raise InputProblem(f"{archive}: no such file; the channel must hold a training job's model.tar.gz")
    entries = size = 0
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                entries += 1
                size += member.size
                path = PurePosixPath(member.name)
                if entries > _MOST_ENTRIES:
                    raise InputProblem(f"{archive}: more than {_MOST_ENTRIES} entries; a model has a few dozen")
                if size > _MOST_BYTES:
                    raise InputProblem(
                        f"{archive}: up to the entry {member.name!r} {size} bytes, at most {_MOST_BYTES} are unpacked"
                    )
                if path.is_absolute() or ".." in path.parts:
                    raise InputProblem(f"{archive}: the entry {member.name!r} leads out of the folder")
                if member.isdir():
                    (target / path).mkdir(parents=True, exist_ok=True)
                elif member.isfile():
                    _write(tar, member, target / path)
                else:
                    raise InputProblem(f"{archive}: the entry {member.name!r} is neither a file nor a folder")
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise InputProblem(f"{archive}: cannot be unpacked: {error}") from error


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, file: Path) -> None:
    content = tar.extractfile(member)
    if content is None:
        raise InputProblem(f"the entry {member.name!r} of the model's archive has no content")
    file.parent.mkdir(parents=True, exist_ok=True)
    with content, file.open("wb") as out:
        shutil.copyfileobj(content, out)
