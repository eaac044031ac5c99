"""Looks at what a page in the browser shows."""

import base64
import io

import numpy as np
from PIL import Image


def pixels(page, selector):
    """The values of a canvas, [H, W, 4]."""
    address = page.locator(selector).first.evaluate("canvas => canvas.toDataURL('image/png')")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGBA"))


def until(page, condition):
    """Wait for a condition; the page's policy forbids Playwright's own way."""
    for _ in range(600):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(30)
    raise AssertionError(f"{condition} does not come true")


def settle(page, selector, wanted):
    """Wait until a canvas shows ``wanted`` [H, W]; pictures are decoded in the background."""
    found = None
    for _ in range(200):
        found = pixels(page, selector)
        if found.shape[:2] == wanted.shape and np.array_equal(found[..., 0], wanted):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{selector} shows {None if found is None else found.shape}, not what was recorded")


def seen(page, selector):
    """The pixels on the screen where an element is, [H, W, 3] int; what WebGL drew can only be had from there."""
    return np.asarray(Image.open(io.BytesIO(page.locator(selector).screenshot())).convert("RGB")).astype(int)


def settled(page):
    """Wait until the atlas is not busy and two looks 120 ms apart find the same words."""
    page.wait_for_selector("html[data-drawn]", state="attached")
    words = None
    for _ in range(200):
        page.wait_for_timeout(120)
        busy = page.locator("#atlas-body").get_attribute("aria-busy") != "false"
        now = page.locator("#atlas-body").inner_text() + page.locator("#plot-0-overlay").get_attribute("aria-label")
        if now == words and not busy:
            return
        words = now
    raise AssertionError("the atlas does not settle")


def played(browser, film):
    """Play a film in a page of its own: its seconds, width, height and error."""
    page_file = film.with_suffix(".html")
    page_file.write_text(f"<video src={film.name} muted></video>")
    page = browser.new_page()
    page.goto(page_file.as_uri())
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    video = page.locator("video")
    video.evaluate("v => v.play()")
    page.wait_for_function("document.querySelector('video').currentTime > 0.2")
    facts = video.evaluate("v => [v.duration, v.videoWidth, v.videoHeight, v.error]")
    page.close()
    return facts
