"""A real browser: Debian's Chromium without a screen, driven by Selenium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

CHROMIUM, DRIVER = which("chromium"), which("chromedriver")
HOW_TO_GET = (
    "no browser: apt-get install chromium chromium-driver (Debian's packages), "
    "and pip install selenium"
)
OPTIONS = """
    --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars
    --force-device-scale-factor=1 --window-size=1100,900 --lang=en
"""


def wanted() -> bool:
    """Say whether there is a browser; on the build machine a missing one is a failure."""
    if os.environ.get("CI") == "true":
        return True
    try:
        import selenium  # noqa: F401
    except ImportError:
        return False
    return bool(CHROMIUM and DRIVER)


@contextmanager
def browser(folder: Path) -> Iterator[Any]:
    """Give a browser with an empty profile."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or "chromium"
    for option in [*OPTIONS.split(), f"--user-data-dir={folder / 'profile'}"]:
        options.add_argument(option)
    service = webdriver.ChromeService(executable_path=DRIVER or "chromedriver")
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield driver
    finally:
        driver.quit()


class Pages:
    """What a user does: goes somewhere, clicks what is written, fills what has a label."""

    def __init__(self, driver: Any, address: str) -> None:
        self.driver, self.address = driver, address

    def go(self, path: str) -> None:
        self.driver.get(self.address + path)

    def log_in(self, name: str) -> None:
        self.driver.delete_all_cookies()
        self.go("/login/")
        self.fill("username", name)
        self.fill("password", name)
        self.click("Log in")

    def fill(self, name: str, value: str) -> None:
        from selenium.webdriver.common.by import By
        from selenium.webdriver.support.ui import Select

        field = self.driver.find_element(By.NAME, name)
        if field.tag_name == "select":
            Select(field).select_by_visible_text(value)
            return
        field.clear()
        field.send_keys(value)

    def click(self, text: str) -> None:
        """Click the first link or button that says this, and wait until the page has gone.

        A driver that is asked for the old page in the moment in which it goes may answer with an
        error of its own instead of "stale": it is asked again, until the time is over.
        """
        from selenium.common.exceptions import WebDriverException
        from selenium.webdriver.common.by import By
        from selenium.webdriver.support.expected_conditions import staleness_of
        from selenium.webdriver.support.ui import WebDriverWait

        says = f"[normalize-space()={text!r} or @value={text!r}]"
        kinds = "self::a or self::button or self::input[@type='submit']"
        places = f"//*[@id='content']//*[{kinds}]{says}"
        found = self.driver.find_element(By.XPATH, places)
        page = self.driver.find_element(By.TAG_NAME, "html")
        found.click()
        gone = WebDriverWait(self.driver, 20, 0.02, ignored_exceptions=[WebDriverException])
        gone.until(staleness_of(page))

    def tick(self, selector: str) -> None:
        from selenium.webdriver.common.by import By

        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def text(self, selector: str = "body") -> str:
        from selenium.webdriver.common.by import By

        return self.driver.find_element(By.CSS_SELECTOR, selector).text

    def has(self, selector: str) -> bool:
        from selenium.webdriver.common.by import By

        return bool(self.driver.find_elements(By.CSS_SELECTOR, selector))
