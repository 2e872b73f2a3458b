"""The process that reads pages. It holds the models of the reader and the pages it was sent, and nothing else.

Started as `python -I -m sekisho.connectors.page_reader_child` with an empty environment; it imports nothing of Sekisho, fetches
nothing, and writes to standard output only. What it read leaves as JSON, one line for each page; errors leave as an exit
code only: a library's message could quote a page.
"""

import io
import json
import logging
import resource
import sys
from pathlib import Path
from typing import Any

MODELS = {"Det": "PP-OCRv6_det_small.onnx", "Rec": "PP-OCRv6_rec_small.onnx"}
LOOKS = ((1.0, 0.0), (1.0, 1.0))  # how many times enlarged, how much softened: what one look misses the other reads
MOST_DOTS = 9_000_000  # of a page as it is looked at: A4 at 300 dots per inch
SMALL = 1200  # longer side of the page when it is tried in all turns
TURNS = (0, 90, 180, 270)  # degrees against the clock
SURE, WIDE, LINES = 0.75, 0.6, 3  # when a page counts as read the way it lies
FAILED = 3
GIGABYTE = 1 << 30


def main() -> int:
    """Read the pages that standard input holds, each after a line with its length."""
    request = json.loads(sys.stdin.buffer.readline())
    resource.setrlimit(resource.RLIMIT_CPU, (request["seconds"], request["seconds"]))
    logging.disable(logging.CRITICAL)
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # the pages were made by us and are bounded
    reader = _reader(request["threads"])
    for size in request["sizes"]:
        with Image.open(io.BytesIO(sys.stdin.buffer.read(size)), formats=("PNG",)) as picture:
            page = picture.convert("L")
        turn = _turn(reader, page)
        upright = page.rotate(turn, expand=True) if turn else page
        looks = [_lines(reader, upright, enlarged, softened) for enlarged, softened in LOOKS]
        sys.stdout.write(json.dumps({"width": upright.width, "height": upright.height, "turn": turn, "looks": looks}))
        sys.stdout.write("\n")
        sys.stdout.flush()
    return 0


def _reader(threads: int) -> Any:
    import rapidocr

    folder = Path(rapidocr.__file__).parent / "models"
    return rapidocr.RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.log_level": "critical",
            "Global.max_side_len": 20_000,  # the size is ours to choose
            "Global.text_score": 0.3,
            "Global.use_cls": False,
            "Det.limit_side_len": 64,
            **{f"{part}.model_path": str(folder / name) for part, name in MODELS.items()},  # a path: nothing is fetched
        }
    )


def _turn(reader: Any, page: Any) -> int:
    """How far the page must be turned to be upright: not at all where it reads well as it lies, or in no other way."""
    scale = min(1.0, SMALL / max(page.size))
    small = page.resize((max(round(page.width * scale), 1), max(round(page.height * scale), 1)))
    best, most = 0, 0.0
    for turn in TURNS:
        found = _lines(reader, small.rotate(turn, expand=True) if turn else small, 1.0, 0.0)
        if turn == 0 and (not found or _is_read(found)):
            return 0
        weight = sum(line["score"] ** 2 * len(line["text"]) * _is_wide(line) for line in found)
        if weight > most:
            best, most = turn, weight
    return best


def _is_read(lines: list[dict[str, Any]]) -> bool:
    signs = sum(len(line["text"]) for line in lines)
    sure = sum(line["score"] * len(line["text"]) for line in lines) / max(signs, 1)
    return len(lines) >= LINES and sure > SURE and sum(map(_is_wide, lines)) > WIDE * len(lines)


def _is_wide(line: dict[str, Any]) -> bool:
    across = [corner[0] for corner in line["corners"]]
    down = [corner[1] for corner in line["corners"]]
    return bool(max(across) - min(across) >= max(down) - min(down))


def _lines(reader: Any, page: Any, enlarged: float, softened: float) -> list[dict[str, Any]]:
    import numpy as np
    from PIL import ImageFilter

    scale = min(enlarged, (MOST_DOTS / (page.width * page.height)) ** 0.5)
    seen = page.filter(ImageFilter.GaussianBlur(softened)) if softened else page
    if scale != 1:
        seen = seen.resize((max(round(page.width * scale), 1), max(round(page.height * scale), 1)))
    found = reader(np.array(seen.convert("RGB")))
    if found.boxes is None or found.txts is None:
        return []
    return [
        {"text": text, "score": float(score), "corners": [[float(x) / scale, float(y) / scale] for x, y in box]}
        for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
    ]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, ValueError, KeyError, RuntimeError, MemoryError, ImportError):
        sys.exit(FAILED)
