"""Compare images by their pixels, whatever their files hold beside them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

RASTERS = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/tiff")


@dataclass(frozen=True)
class Changes:
    """How many pixels of two images differ, of how many; and a PNG in which they are marked."""

    changed: int
    pixels: int
    marked: str


@lru_cache(maxsize=256)
def digest(content: str) -> str:
    """Digest the pixels of an image given in base64, every frame of it; else its bytes."""
    content = "".join(content.split())
    try:
        frames = _frames(content)
    except Exception:  # Pillow raises what its decoders raise; a broken file is compared as it is
        return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
    found = hashlib.blake2b(digest_size=16)
    for frame in frames:
        found.update(f"{frame.size}".encode())
        found.update(frame.tobytes())
    return found.hexdigest()


def compare(one: str, other: str) -> Changes | None:
    """Mark in red where the second image differs; None for images of other sizes, or no images."""
    from PIL import Image, ImageChops

    try:
        first, second = _frames("".join(one.split()))[0], _frames("".join(other.split()))[0]
    except Exception:
        return None
    if first.size != second.size:
        return None
    bands = ImageChops.difference(first, second).split()
    mask = bands[0]
    for band in bands[1:]:
        mask = ImageChops.lighter(mask, band)
    mask = mask.point(lambda value: 255 if value else 0)
    faded = Image.blend(second.convert("RGB"), Image.new("RGB", second.size, "white"), 0.6)
    faded.paste((220, 0, 0), mask=mask)
    stream = io.BytesIO()
    faded.save(stream, "PNG")
    changed = mask.histogram()[255]
    pixels = first.size[0] * first.size[1]
    return Changes(changed, pixels, base64.b64encode(stream.getvalue()).decode())


def mime_of(content: str) -> str | None:
    """Name the kind of an image given in base64; None if it is none."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(base64.b64decode("".join(content.split())))) as image:
            return Image.MIME.get(image.format or "")
    except Exception:  # as above
        return None


def _frames(content: str) -> list[Any]:
    from PIL import Image, ImageSequence

    try:
        raw = base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    with Image.open(io.BytesIO(raw)) as image:
        return [frame.convert("RGBA") for frame in ImageSequence.Iterator(image)]
