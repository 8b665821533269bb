"""OpenCV's generator: each thread has one, which starts from a constant."""

from __future__ import annotations

import threading
from typing import ClassVar

from seedmagic.imports import loaded
from seedmagic.sources.protocol import Draws, original, own_parts


class OpenCVSource:
    """The generator of the thread that calls, ``cv::theRNG()``, which cannot be read."""

    name = "cv2"
    module = "cv2"
    seeders = ("setRNGSeed",)
    draws: ClassVar[Draws] = {
        **dict.fromkeys(("randu", "randn", "randShuffle", "kmeans", "grabCut")),
        **dict.fromkeys(
            [f"DescriptorMatcher.{name}" for name in ("train", "match", "knnMatch", "radiusMatch")],
            lambda args, given: type(args[0]).__name__ != "BFMatcher",  # that tries every pair
        ),
    }

    def __init__(self) -> None:
        self.part = "main thread"

    def is_loaded(self) -> bool:
        """Whether it is OpenCV, and not a stand-in."""
        return own_parts("cv2", "setRNGSeed")

    def seed(self, seed: int) -> None:
        """Do what ``cv2.setRNGSeed(seed)`` does, with the same 32 bits as a C int."""
        thread = threading.current_thread()
        is_main = thread is threading.main_thread()
        self.part = "main thread" if is_main else f"thread {thread.name!r}"
        original(loaded("cv2").setRNGSeed)(seed - 2**32 if seed >= 2**31 else seed)
