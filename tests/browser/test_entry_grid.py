"""The grid of the journal entry form: everything by keyboard, every sum exact."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.entry_page import EntryPage


@pytest.fixture
def entry(browser: Browser) -> Iterator[EntryPage]:
    opened = EntryPage(browser)
    yield opened
    opened.page.context.close()
    assert not opened.problems


def test_it_shows_exact_sums_and_a_blank_line(entry: EntryPage) -> None:
    expect(entry.balance).to_have_text("✓ Balanced · 1,000.10")

    assert entry.lines.count() == 3


def test_a_difference_is_named_with_its_larger_side(entry: EntryPage) -> None:
    entry.write(3, "debit", "0.30")

    expect(entry.balance).to_have_text("Out of balance by 0.30 · debit is larger")


def test_sums_beyond_binary_precision_stay_exact(entry: EntryPage) -> None:
    entry.write(3, "debit", "90,071,992,547,409.93")

    expect(entry.page.locator("[data-total=debit]")).to_have_text("90,071,992,548,410.03")


def test_an_entry_is_written_without_a_mouse(entry: EntryPage) -> None:
    entry.cell(3, "summary").focus()
    entry.page.keyboard.type("Cash sale")
    entry.press("Enter")
    entry.page.keyboard.type("kcxj")
    entry.press("Enter", "Enter")
    entry.page.keyboard.type("20")
    entry.press("Enter")

    assert entry.value(3, "account") == "1001 Cash on hand"
    assert entry.value(3, "debit") == "20.00"
    assert entry.focus == ("4", "summary")


@pytest.mark.parametrize("typed", ["1122", "应收", "yszk", "YSZK"])
def test_an_account_is_found_by_code_name_or_initials(entry: EntryPage, typed: str) -> None:
    entry.write(3, "account", typed)
    entry.press("Tab")

    assert entry.value(3, "account") == "1122 应收账款"
    assert entry.focus == ("3", "dimensions")


def test_the_list_follows_the_aria_pattern(entry: EntryPage) -> None:
    entry.write(3, "account", "o")
    cell = entry.cell(3, "account")
    expect(cell).to_have_attribute("aria-expanded", "true")
    entry.press("ArrowDown")

    expect(cell).to_have_attribute("aria-activedescendant", "entry-option-1")
    expect(entry.options.and_(entry.page.locator("[aria-selected=true]"))).to_have_count(1)
    entry.press("Escape")
    expect(cell).to_have_attribute("aria-expanded", "false")
    assert entry.value(3, "account") == "o"


def test_dimensions_offer_what_the_account_asks_for(entry: EntryPage) -> None:
    entry.write(3, "account", "yszk")
    entry.press("Tab", "F7")

    expect(entry.options).to_have_text(["C-17Customer 17customer"])
    entry.press("Enter")
    assert entry.value(3, "dimensions") == "C-17"


def test_equals_balances_in_the_right_column(entry: EntryPage) -> None:
    entry.write(3, "debit", "5")
    entry.cell(4, "debit").focus()
    entry.press("=")

    assert entry.value(4, "credit") == "5.00"
    expect(entry.balance).to_have_text("✓ Balanced · 1,005.10")


def test_space_moves_the_amount_to_the_other_side(entry: EntryPage) -> None:
    entry.cell(1, "debit").focus()
    entry.press("Space")

    assert (entry.value(1, "debit"), entry.value(1, "credit")) == ("", "1,000.10")
    assert entry.focus == ("1", "credit")


def test_dots_and_slashes_repeat_summaries(entry: EntryPage) -> None:
    entry.write(3, "summary", "..")
    entry.write(4, "summary", "//")

    assert entry.value(3, "summary") == "Paid by bank"
    assert entry.value(4, "summary") == "Cloud hosting"


def test_a_line_is_copied_and_deleted(entry: EntryPage) -> None:
    entry.cell(1, "summary").focus()
    entry.press("Control+d")
    assert entry.value(2, "account") == "6602.07 Software"
    expect(entry.balance).to_contain_text("1,000.10 · debit is larger")
    entry.press("Control+Delete")

    expect(entry.balance).to_have_text("✓ Balanced · 1,000.10")
    assert entry.focus == ("2", "summary")


def test_arrows_move_between_lines_and_cells(entry: EntryPage) -> None:
    entry.cell(1, "account").focus()
    entry.press("ArrowDown", "ArrowRight")
    assert entry.focus == ("2", "dimensions")

    entry.press("ArrowUp", "ArrowLeft")
    assert entry.focus == ("1", "account")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("120+3*15", "165.00"), ("0.1+0.2", "0.30"), ("(5)", "-5.00"), ("１２．５", "12.50")],
)
def test_amounts_may_be_calculated(entry: EntryPage, typed: str, shown: str) -> None:
    entry.cell(3, "debit").fill(typed)
    entry.press("Tab")

    assert entry.value(3, "debit") == shown


@pytest.mark.parametrize("typed", ["1.005", "1e400", "NaN", "1,5"])
def test_what_is_no_amount_is_marked_and_not_sent(entry: EntryPage, typed: str) -> None:
    entry.cell(3, "debit").fill(typed)
    entry.press("Control+s")

    expect(entry.cell(3, "debit")).to_have_attribute("aria-invalid", "true")
    assert not any("act" in form for form in entry.sent)


@pytest.mark.parametrize(
    ("typed", "day"), [("3", "2026-11-03"), ("5-2", "2026-05-02"), ("20260131", "2026-01-31")]
)
def test_dates_may_be_short(entry: EntryPage, typed: str, day: str) -> None:
    entry.page.locator("#id_entry_date").fill(typed)
    entry.press("Tab")

    expect(entry.page.locator("#id_entry_date")).to_have_value(day)


def test_rows_of_a_spreadsheet_are_pasted(entry: EntryPage) -> None:
    entry.cell(3, "summary").focus()
    entry.page.evaluate(
        """() => {
            const data = new DataTransfer();
            const rows = [["a", "1001", "", "1,000", ""], ["b", "1122", "C-17", "", "1000.00"]];
            data.setData("text/plain", rows.map((row) => row.join("\\t")).join("\\n"));
            const paste = {clipboardData: data, bubbles: true, cancelable: true};
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", paste));
        }"""
    )

    assert entry.value(3, "account") == "1001 Cash on hand"
    assert entry.value(4, "credit") == "1,000.00"
    expect(entry.balance).to_have_text("✓ Balanced · 2,000.10")
    assert entry.lines.count() == 5


def test_keys_rest_while_an_input_method_composes(entry: EntryPage) -> None:
    entry.cell(3, "summary").focus()
    entry.page.evaluate(
        """() => document.activeElement.dispatchEvent(new KeyboardEvent(
            "keydown", {key: "Enter", isComposing: true, bubbles: true}))"""
    )

    assert entry.focus == ("3", "summary")


def test_letters_stay_letters_in_fields(entry: EntryPage) -> None:
    entry.write(3, "summary", "?gjn")

    assert entry.value(3, "summary") == "?gjn"
    expect(entry.page.locator("dialog[open]")).to_have_count(0)


def test_a_draft_saves_itself_and_takes_the_new_version(entry: EntryPage) -> None:
    entry.write(3, "summary", "x")

    saved = entry.page.locator("[data-saved]")
    expect(saved).to_have_text("✓ Draft saved 10:42:07 · v8")
    expect(entry.page.locator("input[name=version]")).to_have_value("8")


def test_a_conflict_stops_autosave_and_offers_both_versions(entry: EntryPage) -> None:
    entry.autosave_answer = (409, {})
    entry.write(3, "summary", "x")
    entry.page.get_by_role("button", name="Compare both versions").click()

    expect(entry.page.locator("body")).to_have_text("sent")
    assert entry.sent[-1]["act"] == ["save"]


def test_control_enter_submits_every_line_once(entry: EntryPage) -> None:
    entry.write(3, "debit", "2*3")
    entry.press("Control+Enter", "Control+Enter")

    expect(entry.page.locator("body")).to_have_text("sent")
    forms = [form for form in entry.sent if "act" in form]
    assert [form["act"] for form in forms] == [["submit"]]
    assert forms[0]["line_debit"] == ["1,000.10", "", "6.00", ""]
    assert forms[0]["version"] == ["7"]


def test_chinese_pages_spell_the_total(browser: Browser) -> None:
    entry = EntryPage(browser, language="zh-hans")

    expect(entry.page.locator("[data-words]")).to_have_text("壹仟元壹角整")
    entry.page.context.close()


def test_without_script_the_form_is_sent_as_it_is(browser: Browser) -> None:
    entry = EntryPage(browser, script=False)
    entry.cell(1, "summary").fill("By hand")
    entry.page.get_by_role("button", name="Add lines").click()

    assert entry.sent[-1]["act"] == ["add_lines"]
    assert entry.sent[-1]["line_summary"] == ["By hand", "Paid by bank"]
    entry.page.context.close()
