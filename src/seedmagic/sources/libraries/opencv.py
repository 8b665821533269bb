"""OpenCV's generator: each thread has one, which starts from a constant."""

from __future__ import annotations

from typing import ClassVar

from seedmagic.imports import loaded
from seedmagic.sources.protocol import Draws, original


class OpenCVSource:
    """The generator of the thread that calls, ``cv::theRNG()``, which cannot be read."""

    name = "cv2"
    module = "cv2"
    part = "main thread"
    seeders = ("setRNGSeed",)
    draws: ClassVar[Draws] = dict.fromkeys(("randu", "randn", "randShuffle", "kmeans"))

    def seed(self, seed: int) -> None:
        """Do what ``cv2.setRNGSeed(seed)`` does, with the same 32 bits as a C int."""
        original(loaded("cv2").setRNGSeed)(seed - 2**32 if seed >= 2**31 else seed)
