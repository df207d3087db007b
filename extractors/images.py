"""Images as upright RGB frames of a bounded size: JPEG, PNG, TIFF of many pages, HEIC, ..."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from doctally.errors import UnreadableDocument

_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP")
_WORKING_PIXELS = 6_000_000
"""Larger frames are scaled down: A4 at 250 dots per inch, where recognition gains no more."""
_A4_LONG_SIDE = 842.0
_PLAUSIBLE_DPI = (100.0, 1300.0)
"""Scanners write 100 to 1200; 72 and 96 are defaults of programs that do not know."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One page as an image; ``width`` and ``height`` are those of the paper in points."""

    image: Image.Image
    width: float
    height: float


@contextmanager
def open_image(path: Path, *, max_pixels: int) -> Iterator[Image.Image]:
    """Yield the image, not yet decoded; raises UnreadableDocument when it cannot be used."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(path, formats=(*_FORMATS, *_phone_formats(path)))
    except Image.DecompressionBombError as error:
        raise _too_large(max_pixels) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, RuntimeError) as error:
        raise _damaged() from error
    with image:
        yield image


def _phone_formats(path: Path) -> tuple[str, ...]:
    """Return HEIF if it is that, after teaching Pillow to read it."""
    with path.open("rb") as file:
        if file.read(12)[4:8] != b"ftyp":
            return ()
    from pi_heif import register_heif_opener  # loaded by the few processes that need it

    register_heif_opener(thumbnails=False)
    return ("HEIF",)


def frame_count(image: Image.Image) -> int:
    """Return the number of pages; a photo's previews and an animation's frames are none."""
    return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1


def frames(image: Image.Image, *, max_pages: int, max_pixels: int) -> Iterator[Frame]:
    """Yield the first ``max_pages`` frames; raises UnreadableDocument on damage or size."""
    for index in range(min(frame_count(image), max_pages)):
        try:
            image.seek(index)
            if image.width * image.height > max_pixels:
                raise _too_large(max_pixels)
            yield _frame(image)
        except Image.DecompressionBombError as error:
            raise _too_large(max_pixels) from error
        except (OSError, EOFError, ValueError, SyntaxError, RuntimeError) as error:
            raise _damaged() from error


def _frame(image: Image.Image) -> Frame:
    """Return the current frame, upright, on white, scaled to the working size."""
    across, down = _points(image)
    shrink = (_WORKING_PIXELS / (image.width * image.height)) ** 0.5
    if shrink < 1 and image.format in ("JPEG", "MPO"):
        image.draft("RGB", (int(image.width * shrink), int(image.height * shrink)))
    upright = ImageOps.exif_transpose(image)
    plain = _on_white(upright)
    turned = (plain.width > plain.height) != (across > down)
    if turned and plain.width != plain.height:
        across, down = down, across
    shrink = (_WORKING_PIXELS / (plain.width * plain.height)) ** 0.5
    if shrink < 1:
        size = (max(int(plain.width * shrink), 1), max(int(plain.height * shrink), 1))
        plain = plain.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return Frame(plain, across, down)


def _points(image: Image.Image) -> tuple[float, float]:
    """Return the paper's size in points by the file's resolution, else as long as A4."""
    dpi = image.info.get("dpi")
    low, high = _PLAUSIBLE_DPI
    if isinstance(dpi, tuple) and len(dpi) == 2 and all(low <= float(d) <= high for d in dpi):
        return image.width * 72 / float(dpi[0]), image.height * 72 / float(dpi[1])
    scale = _A4_LONG_SIDE / max(image.width, image.height)
    return image.width * scale, image.height * scale


def _on_white(image: Image.Image) -> Image.Image:
    """Return the image as RGB; what is transparent becomes white, 16 bits become 8."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        low, high = image.convert("F").getextrema()
        span = max(float(str(high)) - float(str(low)), 1.0)
        return image.convert("F").point(lambda v: (v - low) * (255 / span)).convert("RGB")
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")


def _damaged() -> UnreadableDocument:
    return UnreadableDocument(
        "The image is damaged or cut short; scan it again or ask for it again.", code="damaged"
    )


def _too_large(max_pixels: int) -> UnreadableDocument:
    return UnreadableDocument(
        f"The image has more than {max_pixels:,} pixels; scan it at 300 dots per inch.",
        code="too_many_pixels",
    )
