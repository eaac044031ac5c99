"""The atlas in a real browser: what it shows is what was recorded, and everything in it can be used."""

import csv
import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browsing import pixels, seen, settled, until
from PIL import Image
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from denoscope import open_run
from denoscope.report.page.blocks import Blocks
from denoscope.report.page.build import build_page, write_page
from denoscope.report.page.columns import sample_columns
from denoscope.report.page.data import Shown, run_data
from denoscope.report.page.overview import overview
from denoscope.settings.report import Report

pytestmark = pytest.mark.slow
K = 6
SETTINGS = ("n5-d0.1", "n5-d0.4")


@pytest.fixture(scope="module")
def run(mini):
    return open_run(mini[0] / "results" / "digits")


@pytest.fixture
def atlas(page):
    """The page at its atlas, drawn."""
    go(page, "view=atlas")
    return page


def go(page, fragment):
    """Show what an address says, and wait until it is drawn and listed."""
    page.evaluate("f => { location.hash = f; }", fragment)
    settled(page)


def places(page, run, layer, step, panel=0, setting=None):
    """Where the points of a map lie in the window, by the rule of the page: all steps of the map in one square."""
    points = run.map(layer, setting) if setting else run.map(layer)
    both = points[["x", "y"]].to_numpy(np.float64)
    low, high = both.min(axis=0), both.max(axis=0)
    unit = points[points["step"] == step].sort_values("sample")[["x", "y"]].to_numpy(np.float64)
    unit = (unit - (low + high) / 2) / (high - low).max()
    page.locator(f"#plot-{panel}-overlay").scroll_into_view_if_needed()
    box = page.locator(f"#plot-{panel}-overlay").bounding_box()
    side = min(box["width"], box["height"]) - 48
    centre = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
    return centre + unit * [side, -side]


def drawn(page, panel):
    """What lies over the points of a panel."""
    return page.locator(f"#plot-{panel}-overlay").evaluate("canvas => canvas.toDataURL()")


def pictured(page, selector):
    """Wait until a canvas shows a picture; it is decoded in the background."""
    for _ in range(200):
        if len(np.unique(pixels(page, selector)[..., 0])) > 3:
            return
        page.wait_for_timeout(30)
    raise AssertionError(f"{selector} shows no picture")


def apart(found):
    """Points in order of how far they are from others, farthest first."""
    gaps = np.linalg.norm(found[:, None] - found, axis=-1) + 1e9 * np.eye(len(found))
    return np.argsort(-gaps.min(axis=1))


def listed(page):
    """The neighbours in the list: sample numbers and distances."""
    rows = page.locator("#atlas-neighbors li").all_inner_texts()
    found = [re.search(r"sample (\d+).*?([≈\d.]+[\d.e+-]*)\s*×?\s*$", row.replace("\n", " ")) for row in rows]
    return [(int(match[1]), match[2]) for match in found]


def picked(page):
    return int(page.locator("#atlas-picked").inner_text().split()[0])


# -- what is shown is true ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("step", [0, 2])
def test_hovering_shows_the_sample_at_its_place(atlas, run, layer, step):
    go(atlas, f"view=atlas&layer={layer}&step={step}")
    found = places(atlas, run, run.mapped_layers[layer], step)
    for sample in apart(found)[:4]:
        atlas.mouse.move(*map(float, found[sample]))
        tip = atlas.locator("#plot-0-tip")
        tip.wait_for(state="visible")
        text = tip.inner_text()
        assert text.startswith(f"sample {sample},")
        assert f"step: {step}" in text
        assert f"seed: {run.samples['seed'][sample]}" in text
        pictured(atlas, "#plot-0-tip canvas")
    atlas.mouse.move(5, 5)
    assert atlas.locator("#plot-0-tip").is_hidden()


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("step", [0, 1, 2])
def test_neighbours_are_those_of_an_exact_search(atlas, run, layer, step):
    name = run.mapped_layers[layer]
    x = run.activations(name)[step].reshape(40, -1).astype(np.float64)
    far, near = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(x).kneighbors()
    for sample in (0, 7, 19, 20, 39):
        go(atlas, f"view=atlas&layer={layer}&step={step}&chosen={sample}&k=20")
        found = listed(atlas)
        assert [number for number, _ in found] == near[sample].tolist()
        np.testing.assert_allclose([float(gap) for _, gap in found], far[sample], rtol=6e-3)


@pytest.mark.parametrize("setting", [0, 2])
def test_neighbours_on_the_map_are_those_of_its_positions(atlas, run, setting):
    name = run.mapped_layers[1]
    points = run.map(name, SETTINGS[setting - 1]) if setting else run.map(name)
    xy = points[points["step"] == 1].sort_values("sample")[["x", "y"]].to_numpy(np.float64)
    far, near = NearestNeighbors(n_neighbors=9, algorithm="brute").fit(xy).kneighbors()
    go(atlas, f"view=atlas&layer=1&step=1&setting={setting}&chosen=11&k=9&space=map")
    found = listed(atlas)
    assert [number for number, _ in found] == near[11].tolist()
    np.testing.assert_allclose([float(gap) for _, gap in found], far[11], rtol=0.02)


def test_belief_is_scikit_learns(atlas, run):
    for layer, name in enumerate(run.mapped_layers):
        x = run.activations(name)[2].reshape(40, -1).astype(np.float32)
        near = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(x).kneighbors(return_distance=False)
        for setting, frame in enumerate([run.map(name), *(run.map(name, other) for other in SETTINGS)]):
            xy = frame[frame["step"] == 2].sort_values("sample")[["x", "y"]].to_numpy()
            shown = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(xy).kneighbors(return_distance=False)
            kept = [len(np.intersect1d(a, b)) / K for a, b in zip(near, shown, strict=True)]
            go(atlas, f"view=atlas&layer={layer}&step=2&setting={setting}&chosen=3")
            text = atlas.locator("#plot-0-belief").inner_text()
            trust = trustworthiness(x, xy, n_neighbors=8)
            assert float(re.search(r"trustworthiness ([\d.]+)", text)[1]) == pytest.approx(trust, abs=6e-4)
            assert int(re.search(r"(\d+) %", text)[1]) == pytest.approx(100 * np.mean(kept), abs=0.51)
            facts = atlas.locator("#atlas-facts").inner_text()
            assert int(re.search(r"true neighbours shown\s+(\d+) %", facts)[1]) == pytest.approx(100 * kept[3], abs=0.7)


def test_points_have_the_colours_of_the_legend(atlas, run):
    step = 2
    go(atlas, f"view=atlas&step={step}")
    found = places(atlas, run, run.mapped_layers[0], step)
    box = atlas.locator("#plot-0-overlay").bounding_box()
    shown = seen(atlas, "#plot-0-overlay")
    dots = atlas.locator("#atlas-legend i")
    for sample in apart(found)[:6]:
        wanted = dots.nth(int(sample) % 10).evaluate("e => getComputedStyle(e).backgroundColor")
        x, y = np.round(found[sample] - [box["x"], box["y"]]).astype(int)
        assert f"rgb({', '.join(map(str, shown[y, x]))})" == wanted


def test_every_column_can_colour(atlas, run):
    options = atlas.locator("#atlas-colour option").all_inner_texts()
    assert set(options) >= {*run.samples.columns} - {"sample"}
    assert set(options) >= {"cluster", "outlier score", "true neighbours shown", "neighbours of the same class"}
    for option in options:
        atlas.select_option("#atlas-colour", label=option)
        settled(atlas)
        assert atlas.locator("#atlas-legend-title").inner_text() == option
        scale, chips = atlas.locator("#atlas-scale"), atlas.locator("#atlas-legend .chip")
        assert scale.is_visible() != (chips.count() > 0)
    atlas.select_option("#atlas-colour", label="seed")
    settled(atlas)
    low = atlas.locator("#atlas-scale-low").inner_text()
    assert int(low) == run.samples["seed"].min()


def test_clusters_are_those_of_the_map(atlas, run):
    most = {(layer, step): run.map(name).query("step == @step")["cluster"].max()
            for layer, name in enumerate(run.mapped_layers) for step in range(3)}  # fmt: skip
    layer, step = max(most, key=most.get)
    name = run.mapped_layers[layer]
    go(atlas, f"view=atlas&layer={layer}&step={step}")
    points = run.map(name)
    cluster = points[points["step"] == step].sort_values("sample")["cluster"].to_numpy()
    rows = atlas.locator("#atlas-clusters tr")
    assert rows.count() == cluster.max() + 1 > 0
    for number in range(rows.count()):
        members = np.flatnonzero(cluster == number)
        share = np.bincount(members % 10).max() / len(members)
        text = rows.nth(number).inner_text()
        assert re.match(rf"{number}\s+{len(members)}\s+{round(100 * share)} %", text)
    rows.nth(0).locator("button.chip").click()
    settled(atlas)
    assert picked(atlas) == (cluster == 0).sum()
    outlier = points[points["step"] == step].sort_values("sample")["outlier"].to_numpy()
    first = atlas.locator("#atlas-outliers button").first.get_attribute("title")
    assert outlier[int(re.search(r"\d+", first)[0])] == pytest.approx(outlier.max(), rel=0.02)


# -- choosing ----------------------------------------------------------------------------------------------------------


def test_clicks_choose_and_add_and_remove_neighbours(atlas, run):
    go(atlas, "view=atlas&layer=1&step=2&k=3")
    found = places(atlas, run, run.mapped_layers[1], 2)
    order = apart(found)
    chosen = int(order[0])
    atlas.mouse.click(*map(float, found[chosen]))
    settled(atlas)
    assert atlas.locator("#atlas-name").inner_text().startswith(f"sample {chosen},")
    nearest = [number for number, _ in listed(atlas)]
    assert len(nearest) == 3
    other = next(int(i) for i in order[1:] if i not in nearest)
    atlas.mouse.click(*map(float, found[other]))
    settled(atlas)
    assert [number for number, _ in listed(atlas)] == [other, *nearest]
    assert atlas.locator("#atlas-neighbors li.manual").count() == 1
    assert rings(atlas, run, found[other]) > rings(atlas, run, found[nearest[0]]) > 0
    atlas.mouse.click(*map(float, found[other]))
    settled(atlas)
    assert [number for number, _ in listed(atlas)] == nearest
    atlas.locator("#atlas-neighbors li").nth(1).locator(".cross").click()
    settled(atlas)
    assert [number for number, _ in listed(atlas)] == [nearest[0], nearest[2]]
    atlas.mouse.move(5, 5)  # Escape first gives up what is under the pointer
    atlas.focus("#plot-0-overlay")
    atlas.keyboard.press("Escape")
    settled(atlas)
    assert [number for number, _ in listed(atlas)] == nearest
    atlas.keyboard.press("Escape")
    assert atlas.locator("#atlas-sample").is_hidden()
    found = places(atlas, run, run.mapped_layers[1], 2)  # the page has scrolled to the list
    atlas.mouse.dblclick(*map(float, found[other]))
    settled(atlas)
    assert atlas.locator("#atlas-name").inner_text().startswith(f"sample {other},")
    atlas.click("#atlas-clear")
    assert atlas.locator("#atlas-sample").is_hidden()


def rings(page, run, place):
    """Red pixels around a place: how thick the ring is."""
    box = page.locator("#plot-0-overlay").bounding_box()
    x, y = np.round(place - [box["x"], box["y"]]).astype(int)
    part = pixels(page, "#plot-0-overlay")[max(0, y - 12) : y + 12, max(0, x - 12) : x + 12].astype(int)
    return int(((part[..., 0] > 150) & (part[..., 1] < 90) & (part[..., 3] > 200)).sum())


def test_k_sets_how_many_and_entries_choose(atlas):
    go(atlas, "view=atlas&chosen=5")
    slider = atlas.locator("#atlas-k")
    assert (slider.get_attribute("min"), slider.get_attribute("max")) == ("1", "6")
    for k in (1, 4, 6):
        slider.fill(str(k))
        settled(atlas)
        assert atlas.locator("#atlas-neighbors li").count() == k
    first = atlas.locator("#atlas-neighbors button").first
    name = first.inner_text()
    first.click()
    settled(atlas)
    assert atlas.locator("#atlas-name").inner_text() == name
    atlas.click("#atlas-open")
    assert atlas.locator("#player-title").inner_text() == name


def test_a_distance_that_is_not_listed_comes_from_the_features(atlas, run):
    name = run.mapped_layers[0]
    x = run.activations(name)[2].reshape(40, -1).astype(np.float64)
    gaps = np.linalg.norm(x - x[5], axis=1)
    far = int(gaps.argmax())
    go(atlas, f"view=atlas&step=2&chosen=5&manual={far}")
    text = atlas.locator("#atlas-neighbors li.manual").inner_text()
    assert float(re.search(r"≈ ([\d.]+)", text)[1]) == pytest.approx(gaps[far], rel=0.05)


# -- finding and picking -----------------------------------------------------------------------------------------------


def test_search_greys_the_others(atlas, run):
    found = places(atlas, run, run.mapped_layers[0], 0)
    atlas.fill("#atlas-find", "class:7")
    settled(atlas)
    assert "4 of 40 shown" in atlas.locator("#atlas-picked").inner_text()
    hovered = set()
    for place in found:
        atlas.mouse.move(*map(float, place))
        atlas.wait_for_timeout(20)
        if atlas.locator("#plot-0-tip").is_visible():
            hovered.add(atlas.locator("#plot-0-tip b").inner_text().rpartition(" ")[2])
    assert hovered == {"7"}
    for text, count in (("#12", 1), ("class:7 #17", 1), ("nothing like this", 0), ("</script>", 4), ("", 40)):
        atlas.fill("#atlas-find", text)
        settled(atlas)
        assert f"{count} of 40 shown" in atlas.locator("#atlas-picked").inner_text()


def test_the_legend_filters(atlas):
    chip = atlas.locator("#atlas-legend .chip").nth(3)
    chip.click()
    settled(atlas)
    assert "36 of 40 shown" in atlas.locator("#atlas-picked").inner_text()
    assert atlas.locator("#atlas-legend .chip").nth(3).get_attribute("aria-pressed") == "false"
    atlas.locator("#atlas-legend .chip").nth(5).click(modifiers=["Shift"])
    settled(atlas)
    assert "4 of 40 shown" in atlas.locator("#atlas-picked").inner_text()
    atlas.click("#atlas-legend-all")
    settled(atlas)
    assert "40 of 40 shown" in atlas.locator("#atlas-picked").inner_text()


def drag(page, corners, shift=False):
    if shift:
        page.keyboard.down("Shift")
    page.mouse.move(*map(float, corners[0]))
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*map(float, corner), steps=4)
    page.mouse.up()
    if shift:
        page.keyboard.up("Shift")
    settled(page)


@pytest.mark.parametrize("how", ["lasso", "rectangle", "shift"])
def test_lasso_and_rectangle_pick_what_is_inside(atlas, run, how):
    go(atlas, "view=atlas&layer=1&step=1&picked=")
    found = places(atlas, run, run.mapped_layers[1], 1)
    low, high = found.min(axis=0) - 6, np.median(found, axis=0)
    if how != "shift":
        atlas.click(f"[data-tool={how}]")
    corners = [low, (high[0], low[1]), high, (low[0], high[1]), low]
    drag(atlas, [low, high] if how == "rectangle" else corners, shift=how == "shift")
    inside = (found > low).all(axis=1) & (found < high).all(axis=1)
    assert picked(atlas) == inside.sum() > 0
    atlas.click("#atlas-pick-none")
    settled(atlas)
    assert picked(atlas) == 0


def saved(page, kind):
    page.click("#atlas-export summary")
    with page.expect_download() as download:
        page.click(f"#atlas-export-{kind}")
    return Path(download.value.path()).read_bytes(), download.value.suggested_filename


def test_the_selection_can_be_exported(atlas, run):
    name = run.mapped_layers[0]
    go(atlas, "view=atlas&step=2&picked=3-5.30")
    points = run.map(name)
    points = points[points["step"] == 2].sort_values("sample").iloc[[3, 4, 5, 30]]
    content, file = saved(atlas, "csv")
    assert file == f"digits-{name}-step2.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [int(row["sample"]) for row in rows] == [3, 4, 5, 30]
    assert [row["class"] for row in rows] == [str(run.samples["class"][i]) for i in (3, 4, 5, 30)]
    assert [int(row["seed"]) for row in rows] == [run.samples["seed"][i] for i in (3, 4, 5, 30)]
    gaps = [np.ptp(points["x"]), np.ptp([float(row["x"]) for row in rows])]
    assert gaps[0] == pytest.approx(gaps[1], rel=1e-2)
    records = json.loads(saved(atlas, "json")[0])
    frame = pd.DataFrame(records)
    assert frame["cluster"].fillna(-1).tolist() == points["cluster"].tolist()
    np.testing.assert_allclose(frame["preservation"], points["preservation"], atol=3e-3)
    assert frame["step"].tolist() == [2] * 4
    frame.to_parquet(io.BytesIO())
    sheet = Image.open(io.BytesIO(saved(atlas, "sheet")[0]))
    assert sheet.size == (2 * 104 + 8, 2 * 122 + 8)
    cell = np.asarray(sheet.convert("L"))[8:104, 8:104].astype(int)
    assert abs(cell[3::6, 3::6] - run.previews[-1, 3][..., 0].astype(int)).max() <= 2


def test_the_plot_can_be_exported(atlas, run):
    go(atlas, "view=atlas&step=1&chosen=4&find=class:4")
    picture = Image.open(io.BytesIO(saved(atlas, "png")[0]))
    box = atlas.locator("#plot-0-overlay").bounding_box()
    assert picture.size == (round(box["width"]), round(box["height"]) + 30)
    assert len(np.unique(np.asarray(picture).reshape(-1, picture.size[0] and 4), axis=0)) > 20
    drawing, file = saved(atlas, "svg")
    assert file.endswith(".svg")
    text = drawing.decode()
    assert text.count("<circle") == 40
    assert "<b>" not in text
    assert "step 1 of 3" in text
    import xml.etree.ElementTree as ET

    circles = ET.fromstring(text).findall("{http://www.w3.org/2000/svg}circle")
    found = places(atlas, run, run.mapped_layers[0], 1) - [box["x"], box["y"]]
    by_sample = {int(re.search(r"\d+", c[0].text)[0]): (float(c.get("cx")), float(c.get("cy"))) for c in circles}
    np.testing.assert_allclose([by_sample[i] for i in range(40)], found, atol=0.2)


# -- steps, two maps, layout -------------------------------------------------------------------------------------------


def slowly(atlas):
    """Play slower than any choice on the page, so that a busy machine sees what is shown between two steps, too."""
    atlas.evaluate(
        """one => {
            const speed = document.querySelector(one)
            speed.add(new Option("slow", "0.5", true, true))
            speed.dispatchEvent(new Event("change"))
        }""",
        "#player-speed",
    )


def test_points_move_with_the_clock(atlas):
    go(atlas, "view=atlas&step=0&chosen=9")
    picture = lambda: drawn(atlas, 0)  # noqa: E731
    start = picture()
    slowly(atlas)
    atlas.click("#atlas-play")
    atlas.locator("#atlas-play", has_text="Pause").wait_for()
    between = {start}
    while atlas.locator("#atlas-play").inner_text() == "Pause":
        between.add(picture())
    assert len(between) > 4  # more than there are steps: points move between them
    settled(atlas)
    assert atlas.locator("#atlas-play").inner_text() == "Play"
    assert "step 2 of 3" in atlas.locator("#plot-0-where").inner_text()
    atlas.locator("#atlas-step").fill("0")
    settled(atlas)
    atlas.mouse.move(5, 5)
    assert picture() == start


def test_two_maps_share_selection_and_view(atlas, run):
    atlas.click("#atlas-compare")
    settled(atlas)
    assert atlas.locator("#panel-1").is_visible()
    assert atlas.locator("#plot-1-layer").input_value() == run.mapped_layers[1]
    atlas.select_option("#plot-1-step", label="step 2")
    atlas.locator("#atlas-step").fill("0")
    settled(atlas)
    assert "step 0 of 3" in atlas.locator("#plot-0-where").inner_text()
    assert "step 2 of 3" in atlas.locator("#plot-1-where").inner_text()
    found = places(atlas, run, run.mapped_layers[1], 2, panel=1)
    sample = int(apart(found)[0])
    atlas.mouse.move(*map(float, found[sample]))
    atlas.locator("#plot-1-tip").wait_for(state="visible")
    assert atlas.locator("#plot-1-tip").inner_text().startswith(f"sample {sample},")
    atlas.mouse.click(*map(float, found[sample]))
    settled(atlas)
    atlas.mouse.move(5, 5)
    blue = lambda panel: (pixels(atlas, f"#plot-{panel}-overlay")[..., 2] > 150).sum()  # noqa: E731
    assert blue(0) > 20
    assert blue(1) > 20
    first = lambda: drawn(atlas, 0)  # noqa: E731
    before = first()
    atlas.mouse.move(*map(float, found[sample]))
    atlas.mouse.wheel(0, -400)
    settled(atlas)
    atlas.mouse.move(5, 5)
    settled(atlas)
    zoomed = first()
    assert zoomed != before
    atlas.uncheck("#atlas-linked")
    atlas.mouse.move(*map(float, found[sample]))
    atlas.mouse.wheel(0, 800)
    settled(atlas)
    atlas.mouse.move(5, 5)
    settled(atlas)
    assert first() == zoomed


def test_a_map_is_laid_out_again_in_the_page(atlas, run):
    name = run.mapped_layers[1]
    go(atlas, "view=atlas&layer=1&step=2")
    atlas.select_option("#plot-0-setting", label="other …")
    atlas.fill("#plot-0-n", "12")
    atlas.fill("#plot-0-d", "0.3")
    atlas.click("#plot-0-live button")
    settled(atlas)
    atlas.locator("#plot-0-progress").wait_for(state="hidden")
    engine = atlas.locator("#plot-0-engine").inner_text()
    assert engine.startswith("UMAP of this page")
    assert "n_neighbors 12, min_dist 0.3" in engine
    shown = json.loads(saved(atlas, "json")[0])
    xy = np.array([[row["x"], row["y"]] for row in shown])
    x = run.activations(name)[2].reshape(40, -1).astype(np.float32)
    assert trustworthiness(x, xy, n_neighbors=8) > 0.8
    again = atlas.evaluate("location.hash")
    atlas.reload()
    atlas.wait_for_selector("html[data-ready=true]", state="attached")
    settled(atlas)
    atlas.locator("#plot-0-progress").wait_for(state="hidden")
    settled(atlas)
    assert "live=12%2C0.3" in again
    assert atlas.locator("#plot-0-engine").inner_text().startswith("UMAP of this page")
    assert json.loads(saved(atlas, "json")[0]) == shown  # an address gives the same map to everyone


def test_a_layout_can_be_cancelled(atlas, run):
    go(atlas, "view=atlas")
    engine = atlas.locator("#plot-0-engine").inner_text()
    # A worker that never answers: the layout of forty samples would be over before anyone could cancel it.
    atlas.evaluate("document.getElementById('umap-worker').textContent = 'onmessage = () => {}'")
    atlas.select_option("#plot-0-setting", label="other …")
    atlas.fill("#plot-0-n", "9")
    atlas.click("#plot-0-live button")
    atlas.locator("#plot-0-progress").wait_for(state="visible")
    atlas.click("#plot-0-cancel")
    atlas.locator("#plot-0-progress").wait_for(state="hidden")
    settled(atlas)
    assert atlas.locator("#atlas-status").inner_text() == "Cancelled"
    assert atlas.locator("#plot-0-engine").inner_text() == engine


# -- the page as a whole -----------------------------------------------------------------------------------------------


def test_a_view_can_be_shared(atlas, mini, visit):
    atlas.click("#atlas-compare")
    atlas.select_option("#atlas-colour", label="cluster")
    atlas.fill("#atlas-find", "class:4")
    atlas.mouse.move(400, 500)
    settled(atlas)
    until(atlas, "location.hash.includes('find=')")  # an address follows a little later
    go(atlas, f"{atlas.evaluate('location.hash').lstrip('#')}&view=atlas&step=1&chosen=14&k=4&manual=2&picked=4.14")
    atlas.mouse.wheel(0, -200)
    settled(atlas)
    until(atlas, "location.hash.includes('at=')")
    shared = atlas.evaluate("location.hash")
    other = visit(mini[0] / "results" / "report.html", shared)
    settled(other)
    for selector in ("#atlas-name", "#atlas-neighbors", "#atlas-legend", "#atlas-picked", "#plot-1-where"):
        assert other.locator(selector).inner_text() == atlas.locator(selector).inner_text()
    assert other.locator("#atlas-find").input_value() == "class:4"
    atlas.mouse.move(5, 5)
    other.mouse.move(5, 5)
    settled(atlas)
    np.testing.assert_array_equal(pixels(other, "#plot-0-overlay"), pixels(atlas, "#plot-0-overlay"))


def test_everything_is_reached_by_keyboard_alone(page):
    page.keyboard.press("4")
    settled(page)
    assert page.locator("#view-atlas").is_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "plot-0-overlay":
            break
    assert page.evaluate("document.activeElement.id") == "plot-0-overlay"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    settled(page)
    pointed = page.locator("#plot-0-tip b").inner_text()
    assert page.locator("#atlas-status").inner_text() == pointed
    page.keyboard.press("Enter")
    settled(page)
    assert page.locator("#atlas-name").inner_text() == pointed
    for key in ("ArrowLeft", "ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    walked = page.locator("#atlas-status").inner_text()
    assert walked != pointed
    before = [number for number, _ in listed(page)]
    page.keyboard.press("n")
    settled(page)
    after = [number for number, _ in listed(page)]
    assert set(before) ^ set(after) == {int(re.search(r"\d+", walked)[0])}
    page.keyboard.press("p")
    settled(page)
    assert picked(page) == 1
    whole = page.evaluate("location.hash")
    page.keyboard.press("+")
    page.keyboard.press("Shift+ArrowLeft")
    until(page, "location.hash.includes('at=')")
    assert "at=" not in whole
    page.keyboard.press("0")
    until(page, "!location.hash.includes('at=')")
    for _ in range(4):
        page.keyboard.press("Escape")
    settled(page)
    assert page.locator("#atlas-sample").is_hidden()
    assert picked(page) == 0


def test_dark_plots_are_dark(atlas, run):
    go(atlas, "view=atlas&find=class:4")
    place = np.round(places(atlas, run, run.mapped_layers[0], 0)[3]).astype(int)
    box = atlas.locator("#plot-0-overlay").bounding_box()
    x, y = place - np.round([box["x"], box["y"]]).astype(int)
    light = seen(atlas, "#plot-0-overlay")
    atlas.click("#theme")
    settled(atlas)
    dark = seen(atlas, "#plot-0-overlay")
    assert (light[5, 5] > 250).all()
    assert (dark[5, 5] < 50).all()
    assert (light[y, x] < 230).all()  # a greyed point stands out from both grounds, but little
    assert (dark[5, 5] + 10 < dark[y, x]).all()
    assert (dark[y, x] < 90).all()


def test_points_are_drawn_without_webgl(mini, chromium, browser):
    """The same place has the same colour, whichever way it is drawn."""
    address = f"file://{mini[0]}/results/report.html#view=atlas&step=1"
    without = browser.browser_type.launch(
        executable_path=chromium, args=["--no-sandbox", "--disable-3d-apis", "--disable-software-rasterizer"]
    )
    found = {}
    for one in (browser, without):
        page = one.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        settled(page)
        found[page.evaluate("document.documentElement.dataset.drawn")] = seen(page, "#plot-0-overlay")
        page.close()
    without.close()
    assert set(found) == {"WebGL2", "Canvas 2D"}
    assert (found["WebGL2"] < 200).any()
    assert (abs(found["WebGL2"] - found["Canvas 2D"]).max(axis=-1) > 60).mean() < 0.004


@pytest.fixture
def beside(mini, tmp_path):
    """The mini run's page with all its data in scripts beside it."""
    results = tmp_path / "results"
    shutil.copytree(mini[0] / "results", results)
    shown = Shown(open_run(results / "digits").mapped_layers, ["000000"], SETTINGS)
    build_page({"digits": shown}, results, {}, Report(inline="never"), results / "report.html")
    return results / "report.html"


def test_data_may_lie_beside_the_page(beside, visit, run):
    folder = beside.with_suffix(".data")
    assert beside.stat().st_size < 300_000
    assert len(list(folder.glob("*.js"))) > 20
    page = visit(beside, "#view=atlas&chosen=3&layer=1&step=2")
    settled(page)
    assert len(listed(page)) == K
    page.click("#tab-player")
    pictured(page, "#player-state")
    assert "report.data, which must stay beside it" in page.locator("footer").inner_text()
    build_page({"digits": Shown((), [])}, beside.parent, {}, Report(), beside)
    assert not folder.exists()  # a page that holds everything leaves nothing beside it


def test_a_missing_script_is_named(beside, browser):
    shutil.rmtree(beside.with_suffix(".data"))
    page = browser.new_page()
    page.goto(f"file://{beside}#view=atlas")
    page.locator("#failure").wait_for(state="visible")
    assert re.search(r"report\.data/\w+\.js is missing: keep the folder beside", page.locator("#failure").inner_text())
    page.close()


def test_a_budget_keeps_what_is_needed_first(mini, tmp_path):
    results = tmp_path / "results"
    shutil.copytree(mini[0] / "results", results)
    shown = Shown(open_run(results / "digits").mapped_layers, ["000000"], SETTINGS)
    build_page({"digits": shown}, results, {}, Report(inline_mb=0.1), results / "report.html")
    html = (results / "report.html").read_text()
    data = json.loads(re.search(r'id="page-data">(.*?)</script>', html)[1])
    maps = data["runs"][0]["maps"]["layers"]
    assert not {layer["settings"][0]["positions"] for layer in maps} & set(data["beside"])
    assert {name for layer in maps for name in layer["features"]["blocks"]} <= set(data["beside"])


def test_memory_is_freed_when_the_atlas_is_left(atlas):
    assert pixels(atlas, "#plot-0-points").shape[0] > 100
    atlas.click("#tab-overview")
    assert pixels(atlas, "#plot-0-points").shape[:2] == (1, 1)
    assert pixels(atlas, "#plot-0-overlay").shape[:2] == (1, 1)
    atlas.click("#tab-atlas")
    settled(atlas)
    assert (seen(atlas, "#plot-0-overlay") < 200).any()


def test_memory_goes_down_when_the_atlas_is_left(atlas):
    """What arrays and pictures take, as the browser counts it."""
    session = atlas.context.new_cdp_session(atlas)

    def held():
        session.send("HeapProfiler.collectGarbage")
        return session.send("Runtime.getHeapUsage")["backingStorageSize"]

    atlas.fill("#atlas-find", "class:3")
    settled(atlas)
    during = held()
    atlas.click("#tab-overview")
    for _ in range(100):
        if held() < during - 20_000:
            return
        atlas.wait_for_timeout(50)
    raise AssertionError(f"still {held()} bytes of {during}")


def test_layers_are_charted_and_open_their_map(page, run):
    page.click("#tab-layers")
    page.wait_for_selector("#layers-charts figure")
    titles = page.locator("#layers-charts h3").all_inner_texts()
    assert titles == ["Which layer knows the class", "Trustworthiness of the maps", "True neighbours shown", "Drift"]
    name = run.mapped_layers[1]
    x = run.activations(name)[2].reshape(40, -1).astype(np.float64)
    near = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(x).kneighbors(return_distance=False)
    label = run.samples["label"].to_numpy()
    purity = (label[near] == label[:, None]).mean()
    dots = page.locator("#layers-charts figure").first.locator("circle")
    assert dots.nth(5).get_attribute("aria-label").startswith(f"{name}, step 2: {purity:.3f}")
    dots.nth(5).click()
    settled(page)
    assert page.locator("#plot-0-layer").input_value() == name
    assert "step 2 of 3" in page.locator("#plot-0-where").inner_text()


def test_runs_are_compared_side_by_side(mini, tmp_path, visit, run):
    results = tmp_path / "results"
    for name in ("digits", "again"):
        shutil.copytree(mini[0] / "results" / "digits", results / name)
    document = json.loads((results / "again" / "run.json").read_text())
    (results / "again" / "run.json").write_text(json.dumps({**document, "run": "again"}))
    shown = Shown(run.mapped_layers, ["000000"], SETTINGS)
    build_page({"digits": shown, "again": shown}, results, {}, Report(), results / "report.html")
    page = visit(results / "report.html", "#view=atlas&compare=1&chosen=8")
    settled(page)
    page.select_option("#plot-1-run", label="again")
    settled(page)
    assert (pixels(page, "#plot-1-overlay")[..., 2] > 150).sum() > 20  # the sample of the same number is marked
    page.locator(".runs .chip").nth(1).click()
    settled(page)
    assert page.locator("#plot-0-overlay").get_attribute("aria-label").startswith("Map of 40 samples: again,")


def test_an_address_says_all_there_is(atlas):
    go(atlas, "view=atlas&layer=1&find=class:3&k=2&chosen=4&step2=77&run2=9")
    assert "4 of 40 shown" in atlas.locator("#atlas-picked").inner_text()
    go(atlas, "view=atlas")
    assert "40 of 40 shown" in atlas.locator("#atlas-picked").inner_text()
    assert atlas.locator("#plot-0-layer").evaluate("select => select.selectedIndex") == 0
    assert atlas.locator("#atlas-sample").is_hidden()


def test_another_layout_replaces_one_that_is_being_made(atlas):
    atlas.evaluate("document.getElementById('umap-worker').textContent = 'onmessage = () => {}'")
    atlas.select_option("#plot-0-setting", label="other …")
    for neighbors in ("9", "10"):
        atlas.fill("#plot-0-n", neighbors)
        atlas.click("#plot-0-live button")
        atlas.locator("#plot-0-progress").wait_for(state="visible")
    atlas.select_option("#plot-0-layer", index=1)  # of another layer it would be wrong
    atlas.locator("#plot-0-progress").wait_for(state="hidden")
    settled(atlas)
    assert atlas.locator("#plot-0-engine").inner_text().startswith("umap-learn")


def test_while_the_clock_plays_the_computed_maps_are_shown(atlas):
    go(atlas, "view=atlas&step=0&live=9,0.4")
    atlas.locator("#plot-0-progress").wait_for(state="hidden")
    settled(atlas)
    assert atlas.locator("#plot-0-engine").inner_text().startswith("UMAP of this page")
    slowly(atlas)
    atlas.click("#atlas-play")
    atlas.locator("#atlas-play", has_text="Pause").wait_for()
    assert atlas.locator("#plot-0-engine").inner_text().startswith("umap-learn")


def test_fit_looks_at_the_points_of_the_step(atlas, run):
    go(atlas, "view=atlas&step=2&compare=1&layer2=1")
    atlas.click("#atlas-compare")
    atlas.click("#atlas-fit")
    settled(atlas)
    until(atlas, "location.hash.includes('at=')")
    scale = float(re.search(r"at=([\d.]+)", atlas.evaluate("location.hash"))[1])
    points = run.map(run.mapped_layers[0])
    part = points[points["step"] == 2]
    wide = [max(np.ptp(frame["x"]), np.ptp(frame["y"])) for frame in (points, part)]
    assert scale == pytest.approx(wide[0] / wide[1], rel=1e-3)


def test_a_run_without_maps_leaves_the_others_alone(mini, tmp_path, visit, run):
    results = tmp_path / "results"
    for name in ("digits", "plain"):
        shutil.copytree(mini[0] / "results" / "digits", results / name)
    document = json.loads((results / "plain" / "run.json").read_text())
    (results / "plain" / "run.json").write_text(json.dumps({**document, "run": "plain"}))
    shown = {"digits": Shown(run.mapped_layers, ["000000"], SETTINGS), "plain": Shown((), ["000000"])}
    build_page(shown, results, {}, Report(inline="never"), results / "report.html")
    page = visit(results / "report.html", "#view=atlas&compare=1&run2=1&chosen=8")
    settled(page)
    assert page.locator("#plot-1-overlay").get_attribute("aria-label").startswith("Map of 40 samples: digits,")
    page.locator(".runs .chip").nth(1).click()
    assert page.locator("#atlas-none").is_visible()
    page.keyboard.press("ArrowRight")
    page.locator(".runs .chip").nth(0).click()
    settled(page)
    assert page.locator("#plot-0-overlay").get_attribute("aria-label").startswith("Map of 40 samples: digits,")


def test_runs_without_pictures_classes_or_labels_are_explored(mini, tmp_path, visit, run):
    """As texts will be: prompts, no class, nothing to draw."""
    blocks = Blocks()
    described = run_data(run, Shown(run.mapped_layers, [], SETTINGS), Report(), blocks)
    prompts = [f"a {'cat' if i % 4 else 'dog'} by <b>lamp</b> {i}" for i in range(40)]
    samples = pd.DataFrame({"sample": range(40), "prompt": prompts, "score": np.linspace(0, 1, 40)})
    described.update(columns=sample_columns(samples, blocks), thumbs=None, players=0)
    described["maps"].update(chance=None)
    write_page([described], [overview(run, run.mapped_layers)], {}, Report(), blocks, tmp_path / "report.html")
    page = visit(tmp_path / "report.html", "#view=atlas&step=2&layer=1")
    settled(page)
    assert page.locator("#atlas-colour").evaluate("select => select.value") == "prompt"
    assert "neighbours of the same class" not in page.locator("#atlas-colour").inner_text()
    page.fill("#atlas-find", "dog lamp")
    settled(page)
    assert "10 of 40 shown" in page.locator("#atlas-picked").inner_text()
    found = places(page, run, run.mapped_layers[1], 2)
    page.mouse.click(*map(float, found[8]))
    settled(page)
    assert page.locator("#atlas-name").inner_text() == "sample 8: a dog by <b>lamp</b> 8"
    assert page.locator("#atlas-neighbors li").count() == K
    assert page.locator("#atlas-open").is_disabled()
    assert re.fullmatch(r"#\d+", page.locator("#atlas-outliers button").first.inner_text())
    page.select_option("#atlas-colour", label="score")
    settled(page)
    assert page.locator("#atlas-scale-high").inner_text() == "1"
    page.click("#tab-layers")
    page.wait_for_selector("#layers-charts figure")
    assert page.locator("#layers-charts figure").count() == 3  # nothing is said of classes


def test_maps_of_very_many_samples_are_not_laid_out_in_the_page(mini, tmp_path, visit, run, monkeypatch):
    monkeypatch.setattr("denoscope.report.page.atlas.LIVE_POINTS", 39)
    blocks = Blocks()
    described = run_data(run, Shown(run.mapped_layers, [], SETTINGS), Report(), blocks)
    write_page([described], [overview(run, run.mapped_layers)], {}, Report(), blocks, tmp_path / "report.html")
    page = visit(tmp_path / "report.html", "#view=atlas&live=9,0.4&chosen=5&manual=30")
    settled(page)
    assert page.locator("#plot-0-setting option").count() == 3
    assert page.locator("#plot-0-live").is_hidden()
    assert page.locator("#plot-0-engine").inner_text().startswith("umap-learn")


def test_columns_are_categories_or_numbers():
    samples = pd.DataFrame(
        {
            "sample": range(6),
            "label": [2, 2, 1, 1, 2, 1],
            "class": ["crane", "crane", "crane", "crane", "crane", "crane"],
            "seed": [4294967291 + i for i in range(6)],
            "score": [0.5, None, 1.5, 2.5, 3.5, 4.5],
            "good": [True, False, True, True, True, False],
            "prompt": ["b", None, "a", "a", "b", "b"],
            "words": [["x"]] * 6,
        }
    )
    blocks = Blocks()
    found = {column["name"]: column for column in sample_columns(samples, blocks)}
    content = {block.name: block.content for block in blocks.inside(Report(inline="always"))}
    assert list(found) == ["class", "label", "seed", "score", "good", "prompt"]
    assert found["class"]["values"] == ["crane", "crane"]  # two labels with one name stay two classes
    assert list(content[found["class"]["block"]]) == [1, 1, 0, 0, 1, 0]
    assert found["label"]["values"] == ["1", "2"]
    assert found["label"]["whole"]
    assert np.frombuffer(content[found["seed"]["block"]]).tolist() == samples["seed"].tolist()
    scores = np.frombuffer(content[found["score"]["block"]], "<f4")
    np.testing.assert_array_equal(scores, samples["score"].astype("f4"))
    assert found["score"]["range"] == [0.5, 4.5]
    assert found["good"]["kind"] == "category"
    assert [found["prompt"]["values"][code] for code in content[found["prompt"]["block"]]] == [
        "b",
        "none",
        "a",
        "a",
        "b",
        "b",
    ]
