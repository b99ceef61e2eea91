"""How to change a tree that others watch: one file by renaming, a whole tree by flipping a link.

A reader cannot tell the first half of a file from a finished one, nor half of a commit from a whole one. What is
written with these is seen as it was or as it is to be, whatever becomes of the writer on the way.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from agentconf.source.contents import as_bytes, contents_of_folder, contents_of_mapping
from agentconf.source.flip import Flip
from agentconf.source.whole import sync_folder, written_aside


def publish_file(path: str | os.PathLike[str], data: bytes | str) -> None:
    """Write a file, new or in the place of another, in one step; text becomes UTF-8.

    The mode of a file that is replaced is kept. Where `path` is a link, the file that it leads to is written, and the
    link stays. Raises OSError; then nothing has changed, unless it was the last step that failed, which makes the
    change outlast a loss of power.
    """
    target = _followed(os.fspath(path))
    with written_aside(target, as_bytes(data), like=_replaced(target)) as temporary:
        os.replace(temporary, target)
    sync_folder(os.path.dirname(target))


def create_file(path: str | os.PathLike[str], data: bytes | str) -> None:
    """The same for a new file. Raises FileExistsError where there is anything by that name, and OSError."""
    target = os.fspath(path)
    with written_aside(target, as_bytes(data)) as temporary:
        try:
            os.link(temporary, target)  # unlike a rename, this replaces nothing
        except OSError as error:
            if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}:
                raise
            _rename_where_free(temporary, target)
    sync_folder(os.path.dirname(target))


def publish_tree(
    link: str | os.PathLike[str],
    source: str | os.PathLike[str] | Mapping[str, bytes | str],
    *,
    keep: int = 1,
) -> Path:
    """Publish a whole tree in one step: write it into a new folder beside `link`, then make `link` lead there.

    `source` is a folder, whose permissions are kept, or the files by their paths, such as
    `{"trading/trader.yaml": "..."}`. The new folder is hidden, named after the link, and returned. Of the ones before
    it, the last `keep` stay: whoever reads one of them must be able to finish.

    Raises FileExistsError where something that is no link is in the place of `link`, ValueError where `source` cannot
    be published, and OSError. Then `link` leads where it led, with the exception that `publish_file` names, too.
    """
    if keep < 0:
        raise ValueError("keep is how many older trees stay: 0 or more")
    flip = Flip.of(os.fspath(link))
    if isinstance(source, Mapping):
        contents = contents_of_mapping(source)
    else:
        flip.require_outside(os.fspath(source))
        contents = contents_of_folder(os.fspath(source))
    return Path(flip.publish(contents, keep))


def _followed(path: str) -> str:
    """The file that a path leads to, whether or not it is there yet. Raises OSError where links go in a circle."""
    target = os.path.realpath(path)
    if os.path.islink(target):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    return target


def _replaced(path: str) -> os.stat_result | None:
    """The file that is to be replaced, if any. Raises OSError where it is no regular file: nobody means a device."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", path)
    return status


def _rename_where_free(temporary: str, target: str) -> None:
    """For file systems without hard links: somebody else may come between the look and the step."""
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
    os.rename(temporary, target)
