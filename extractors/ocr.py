"""Words of an image through RapidOCR, whose PP-OCR models lie in its wheel: nothing is fetched.

The settings are measured (docs/reading.md): detection on at most 1280 pixels, one line at a time
without padding, no classifier of upside-down lines; a page that reads badly is tried turned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from extractors.layout import Run

_DETECTION_SIDE = 1280
_NARROW_SIDE = 640
"""Long receipts are detected on more, so that their narrow side keeps this many pixels."""
_POOR_CONFIDENCE = 0.75
"""A page whose lines are less sure on average is read turned as well."""
_COARSE, _SMALL, _LARGER = 18.5, 1400, 1.5
"""A page of fewer pixels on its long side whose words are lower in pixels, with their margin (type
of 10 points at 75 dots per inch), is read enlarged: half the errors in letters. Twice as large
gains nothing, and large type would lose its spaces."""
_CAPTION = re.compile(r"(?<=[A-Za-z.#]):(?=[^\s/:])")
"""The recogniser drops the space in ``No: 4711``; captions are cut off their values again."""
_DAY = re.compile(r"((?<!\d)\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d{2})(?=\d{1,2}:\d{2})")
"""So it does in ``03/02/2018 15:28``: the time of day is cut off its date."""

Pixels = npt.NDArray[np.uint8]


@lru_cache(maxsize=1)
def engine(threads: int) -> Any:
    """Return the process's RapidOCR engine, loaded on first use (about a second)."""
    import rapidocr
    from rapidocr import RapidOCR

    models = Path(rapidocr.__file__).parent / "models"
    loaded = RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            "Global.max_side_len": 100_000,
            "Global.return_word_box": True,
            "Global.return_single_char_box": True,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
            "Det.limit_type": "max",
            "Det.limit_side_len": _DETECTION_SIDE,
            "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
            "Rec.rec_img_shape": [3, 48, 64],
            "Rec.rec_batch_num": 1,
        }
    )
    loaded(np.full((64, 256, 3), 255, dtype=np.uint8))
    return loaded


def read_image(image: Image.Image, *, threads: int = 1) -> tuple[list[Run], int]:
    """Return the words in pixels of the upright image, and the degrees to turn it clockwise."""
    pixels = np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])
    runs, sideways = _read(pixels, threads)
    low = bool(runs) and median(run.y1 - run.y0 for run in runs) < _COARSE
    if low and max(pixels.shape) < _SMALL:
        runs, sideways = _read_larger(pixels, threads)
    best, degrees = runs, 0
    if not runs or (_confidence(runs) >= _POOR_CONFIDENCE and not sideways):
        return best, degrees
    for quarters in (1, 3) if sideways else (2,):
        turned = np.ascontiguousarray(np.rot90(pixels, -quarters))
        found, _ = _read(turned, threads)
        # a column reads well as it lies, too, but its words would not stand in lines
        if _weight(found) > _weight(best) * (0.8 if sideways and not degrees else 1.1):
            best, degrees = found, quarters * 90
    return best, degrees


def _read_larger(pixels: Pixels, threads: int) -> tuple[list[Run], bool]:
    """Return the words of a coarse image, read from a larger one, in its own pixels."""
    height, width = (int(side * _LARGER) for side in pixels.shape[:2])
    large = Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC)
    runs, sideways = _read(np.asarray(large), threads)
    down, across = pixels.shape[0] / height, pixels.shape[1] / width
    return [
        replace(run, x0=run.x0 * across, x1=run.x1 * across, y0=run.y0 * down, y1=run.y1 * down)
        for run in runs
    ], sideways


def _read(pixels: Pixels, threads: int) -> tuple[list[Run], bool]:
    """Return the words of an image, and whether most of its lines stand upright as columns."""
    loaded = engine(threads)
    height, width = pixels.shape[:2]
    stretch = max(height, width) / max(min(height, width), 1)
    loaded.text_det.limit_side_len = int(max(_DETECTION_SIDE, min(_NARROW_SIDE * stretch, 4000)))
    found = loaded(pixels)
    if found.txts is None:
        return [], False
    runs: list[Run] = []
    columns = 0
    for box, text, score, letters in zip(
        found.boxes, found.txts, found.scores, found.word_results, strict=True
    ):
        across = float(np.ptp(np.asarray(box)[:, 0]))
        down = float(np.ptp(np.asarray(box)[:, 1]))
        columns += len(text) if down > 1.5 * across and len(text) > 2 else 0
        runs.extend(_words(text, float(score), letters))
    return runs, columns > sum(len(run.text) for run in runs) / 2


def _words(text: str, score: float, letters: Sequence[tuple[str, float, Any]]) -> list[Run]:
    """Return the words of a line; ``letters`` are its letters that are not blanks.

    RapidOCR 3.10 lists a confidence for every letter of ``text`` but pairs them with the letters
    that are not blank, so the n-th confidence belongs to the n-th letter of the text.
    """
    runs: list[Run] = []
    sure = [confidence for _, confidence, _ in letters]
    spans = [m.span() for m in re.finditer(r"\S+", _DAY.sub(r"\1 ", _CAPTION.sub(": ", text)))]
    place = 0
    plain = [i for i, letter in enumerate(text) if not letter.isspace()]
    for start, end in spans:
        size = end - start
        part = letters[place : place + size]
        origin = plain[place : place + size]
        place += size
        if not part:
            break
        corners = np.array([corner for _, _, box in part for corner in box], dtype=np.float64)
        x0, y0 = corners.min(axis=0).tolist()
        x1, y1 = corners.max(axis=0).tolist()
        known = [sure[i] for i in origin if i < len(sure)] or [score]
        runs.append(
            Run(
                "".join(letter for letter, _, _ in part),
                x0,
                y0,
                x1,
                y1,
                size=y1 - y0,
                confidence=round(sum(known) / len(known), 4),
            )
        )
    return runs


def _confidence(runs: Sequence[Run]) -> float:
    letters = sum(len(run.text) for run in runs)
    return _weight(runs) / letters if letters else 0.0


def _weight(runs: Sequence[Run]) -> float:
    return sum(run.confidence * len(run.text) for run in runs)
