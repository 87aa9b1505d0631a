"""The pictures of Dagster's pages, as a browser draws them: there, in place, and on the background of the scheme."""

import base64
import os
from typing import Any

import pytest

from planion_assets.tables.conference_status import CONFERENCE_STATUS
from planion_assets.tables.published_sessions import PUBLISHED_SESSIONS
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets_tests.browser.conftest import GOOD
from planion_assets_tests.browser.pages import Browser, browser, chromium, until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not chromium() and not os.environ.get("CI"), reason="no chromium; on Debian: apt-get install"),
]
_TO_FILL = 10.0  # seconds after which a page is opened again
# The lightness of a picture's lower right corner, where it has its background, from 0 to 255.
_CORNER = """async png => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), {width: image.width, height: image.height});
    const drawn = canvas.getContext("2d");
    drawn.drawImage(image, 0, 0);
    return Math.max(...drawn.getImageData(image.width - 3, image.height - 3, 1, 1).data.slice(0, 3));
}"""


def _row(window: Browser, key: str) -> Any:
    """The row of an entry of metadata of the open page, which asks once for what may not be stored yet."""
    row = window.page.locator("tr", has=window.page.get_by_text(key, exact=True)).first

    def missing() -> list[str]:
        if found := until(lambda: [] if row.is_visible() else [window.text()], _TO_FILL):
            window.page.reload()
        return found

    assert until(missing) == []
    return row


def _drawn(window: Browser, picture: Any) -> tuple[int, int]:
    """How wide an image is, and how light its corner; waits until it is drawn."""
    picture.wait_for()
    assert until(lambda: [] if picture.evaluate("one => one.complete && one.naturalWidth") else ["not drawn"]) == []
    corner = window.page.evaluate(_CORNER, base64.b64encode(picture.screenshot()).decode())
    return picture.evaluate("one => one.naturalWidth"), corner


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pictures_are_drawn_where_people_look_in_both_colour_schemes(origin: str, dark: bool) -> None:
    with browser(origin, dark=dark) as window:
        window.open_partition(PUBLISHED_SESSIONS.name, GOOD)
        _row(window, "day_grid").get_by_text("[Show Markdown]").click()
        width, grid = _drawn(window, window.page.locator("img[alt^='rooms by hours on']"))
        assert width == 960
        assert "published sessions, local to the venue" in window.text()

        window.open_partition(SESSION_CHANGES.name, GOOD)
        _, bars = _drawn(window, _row(window, "changes_per_day").locator("img"))
        window.open(f"/assets/{CONFERENCE_STATUS.name}", view="overview")
        _, strip = _drawn(window, _row(window, "freshness_of_all").locator("img"))
    assert all(corner < 40 if dark else corner == 255 for corner in (grid, bars, strip)), (grid, bars, strip)
