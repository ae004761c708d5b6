"""A plan's workbook: its numbers, its sums, its texts, and the file that it becomes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from allocation.plan.explanation import Explanation
from allocation.plan.plan import Difference, Flow, NotFunded, RuleReached
from mdfm.cli.planner.plan_files import workbook
from reports import NamedPlan, render_plan_workbook
from reports.render.workbook import Dollars, Table, column_letter
from reports.render.xlsx import safe, write_workbook
from tests.support.effort import effort
from tests.support.example_demo import Demo
from tests.support.place import ROOT
from tests.support.sample_plan import made_up, of_demo, payments

SOME_DAY = date(2022, 3, 31)


@pytest.fixture(scope="module")
def example_plan(demo: Demo) -> NamedPlan:
    return of_demo(demo)


def opened(content: bytes, *, results: bool = False) -> Any:
    return load_workbook(BytesIO(content), data_only=results)


def column(sheet: Any, heading: str) -> list[Any]:
    """The values under a heading, without the row of totals."""
    (place,) = [cell.column for cell in sheet[1] if cell.value == heading]
    _, _, _, last = range_boundaries(sheet.auto_filter.ref)
    return [sheet.cell(row, place).value for row in range(2, last + 1)]


def cents(value: Any) -> int:
    return int(Decimal(str(value)) * 100)


def calculated(book: Any, sheet: Any, formula: str) -> int:
    """What the few kinds of formulas that we write come to, in cents, by a calculator of our own."""
    if found := re.fullmatch(r"=SUM\((\w+:\w+)\)", formula):
        cells = [cell for row in sheet[found[1]] for cell in row]
        return sum(worth(book, sheet, cell) for cell in cells if cell.value is not None)
    first, *less = formula.removeprefix("=").split("-")
    return named(book, sheet, first) - sum(named(book, sheet, each) for each in less)


def named(book: Any, sheet: Any, name: str) -> int:
    other, _, place = name.rpartition("!")
    sheet = book[other.strip("'")] if other else sheet
    return worth(book, sheet, sheet[place])


def worth(book: Any, sheet: Any, cell: Any) -> int:
    return calculated(book, sheet, cell.value) if cell.data_type == "f" else cents(cell.value)


def require_right_results(content: bytes) -> int:
    """Every formula's stored result is what it comes to; how many formulas there are."""
    book, stored = opened(content), opened(content, results=True)
    found = 0
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    found += 1
                    result = cents(stored[sheet.title][cell.coordinate].value)
                    assert result == calculated(book, sheet, cell.value), (sheet.title, cell.coordinate)
    return found


# ---- the numbers


def test_the_sheets_tell_the_plan(example_plan: NamedPlan) -> None:
    plan, book = example_plan.plan, opened(render_plan_workbook(example_plan), results=True)
    awards = [(award.activity, award.units, award.cents) for award in plan.awards]
    sheet = book["Awards"]
    given_ = zip(
        column(sheet, "Activity"), column(sheet, "Units"), map(cents, column(sheet, "US$")), strict=True
    )
    assert list(given_) == awards
    assert cents(sheet.cell(sheet.max_row, 7).value) == plan.awarded
    not_funded = [(each.activity, each.units, each.reason) for each in plan.not_funded]
    sheet = book["Not funded"]
    assert [tuple(row) for row in zip(
        column(sheet, "Activity"), column(sheet, "Units not funded"), column(sheet, "Why not"), strict=True
    )] == not_funded  # fmt: skip
    sheet = book["Rules"]
    reached = zip(column(sheet, "Rule"), map(cents, column(sheet, "Reached")), strict=True)
    assert list(reached) == [(rule.id, rule.reached) for rule in plan.rules]


def test_whose_money_is_every_flow(example_plan: NamedPlan) -> None:
    sheet = opened(render_plan_workbook(example_plan))["Whose money"]
    agreements = {cell.column: cell.value.split("\n")[0] for cell in sheet[1][2:-1]}
    found = {
        (agreements[cell.column], row[0].value): cents(cell.value)
        for row in sheet.iter_rows(min_row=2, max_row=sheet.max_row - 1)
        for cell in row[2:-1]
        if cell.value is not None
    }
    plan = example_plan.plan
    assert found == {(flow.agreement, award.activity): flow.cents
                     for award in plan.awards for flow in award.flows}  # fmt: skip


def test_the_head_says_what_was_solved_and_how_well(example_plan: NamedPlan) -> None:
    sheet = opened(render_plan_workbook(example_plan), results=True)["Plan"]
    told = {row[0]: row[1] for row in sheet.iter_rows(min_row=2, values_only=True)}
    plan = example_plan.plan
    assert told["Scenario"] == plan.scenario.id
    assert told["Decided on"].date() == plan.scenario.on
    assert told["Head hash"] == plan.manifest.head_hash
    assert cents(told["Left, US$"]) == plan.available - plan.awarded
    assert told["Awarded less whose money, US$ (must be 0)"] == 0
    for tier in plan.manifest.tiers:
        assert told[f"Tier: {tier.name}"] == f"{tier.value:,} of at best {tier.bound:,}, proved"


def explanation(code: str, **more: object) -> Explanation:
    told = {"activity": code, "units": 1, "wanted": 2, "unit_cents": 5_00, "next_units": 1, "value": 7}
    money = {"eligible_cents": 9_00, "left_cents": 4_00, "reach_cents": 4_00, "short_cents": 1_00}
    nothing = {"without": None, "more": None, "crowd": None, "binds": (), "decided_by": ()}
    return Explanation.model_validate(told | money | nothing | more)


def test_a_plan_that_explains_and_revises_says_so() -> None:
    plain = made_up({(0, 0): 5_00})
    assert opened(render_plan_workbook(plain)).sheetnames == [
        "Plan", "Awards", "Whose money", "Not funded", "Rules", "Scenario",
    ]  # fmt: skip
    why = explanation("C0-0", binds=("africa", "ldc"), sentences=("It is funded.", "=It is worth it."))
    change = Difference(agreement="A0", activity="C0-0", cents=-2_00)
    told = plain.plan.model_copy(update={"explanations": (why,), "changes": (change,), "revises": True})
    content = render_plan_workbook(replace(plain, plan=told))
    require_right_results(content)
    book = opened(content, results=True)
    assert book.sheetnames == [
        "Plan", "Awards", "Whose money", "Not funded", "Explanations", "Changes", "Rules", "Scenario",
    ]  # fmt: skip
    assert [cell.value for cell in book["Explanations"][2]][2:] == [
        1, 2, "It is funded.\n=It is worth it.", "africa, ldc", 9, 4, 1,
    ]  # fmt: skip
    assert [cell.value for cell in book["Changes"][2]][2:] == ["A0", -2]
    assert book["Changes"]["D3"].value == -2


def test_a_rule_about_time_is_not_money() -> None:
    days = RuleReached(id="team", sense="ceiling", bound=90, reached=45, reason="", in_cents=False)
    sheet = opened(render_plan_workbook(made_up({(0, 0): 1_00}, rules=[days])))["Rules"]
    assert [cell.value for cell in sheet[2]] == ["team", "at most", 90, 45, None, None]


def test_money_still_to_arrive_has_a_column_of_its_own() -> None:
    named = made_up({(0, 0): 5_00})
    flows = (Flow(agreement="A0", cents=2_00), Flow(agreement="A0", cents=3_00, arrives="2023"))
    awards = (named.plan.awards[0].model_copy(update={"flows": flows}),)
    told = named.plan.model_copy(update={"awards": awards})
    sheet = opened(render_plan_workbook(replace(named, plan=told)))["Whose money"]
    heads = [cell.value.split("\n")[0] for cell in sheet[1]]
    assert heads == ["Activity", "Title", "A0", "A0@2023", "US$"]
    assert [cell.value for cell in sheet[2]][2:4] == [2, 3]


def test_what_is_not_proved_is_not_called_so() -> None:
    sheet = opened(render_plan_workbook(made_up({(0, 0): 1_00})))["Plan"]
    assert sheet.cell(sheet.max_row, 2).value == "7 of at best 9, not proved, 2 open"


def test_the_scenario_is_shown_as_its_file_has_it(example_plan: NamedPlan) -> None:
    sheet = opened(render_plan_workbook(example_plan))["Scenario"]
    told = {row[0].value: row[1] for row in sheet.iter_rows(min_row=2)}
    share = told["floors 1 share"]
    assert (share.value, share.number_format) == (0.45, "0.00%")
    assert told["must_fund 1"].value == "MDFM-1.2"
    assert told["weights work_areas 2"].value == 150
    assert told["on"].value == datetime(2022, 3, 31)  # noqa: DTZ001 - a spreadsheet's dates have no zone


# ---- the sums


def test_every_sum_in_the_example_is_right(example_plan: NamedPlan) -> None:
    agreements = {flow.agreement for award in example_plan.plan.awards for flow in award.flows}
    in_whose_money = len(example_plan.plan.awards) + len(agreements) + 1
    assert require_right_results(render_plan_workbook(example_plan)) == (
        in_whose_money + len(("awards", "not funded")) + 3
    )


@settings(max_examples=effort(25, 250))
@given(payments)
def test_every_sum_is_right(paid: dict[tuple[int, int], int]) -> None:
    content = render_plan_workbook(made_up(paid))
    require_right_results(content)
    sheet = opened(content, results=True)["Whose money"]
    assert cents(sheet.cell(sheet.max_row, sheet.max_column).value) == sum(paid.values())


@given(st.lists(st.integers(0, 2**53), min_size=1, max_size=4))
def test_money_is_kept_to_the_cent(amounts: list[int]) -> None:
    table = Table("Money", ("US$",), [(Dollars(each),) for each in amounts])
    sheet = opened(write_workbook("", SOME_DAY, [table]))["Money"]
    for amount, row in zip(amounts, sheet.iter_rows(min_row=2), strict=True):
        assert row[0].data_type == "n"
        assert row[0].number_format == "#,##0.00"
        assert round(Decimal(row[0].value) * 100) == amount


def test_a_table_without_rows_has_no_sum() -> None:
    sheet = opened(write_workbook("", SOME_DAY, [Table("Empty", ("A", "US$"), [], summed=(1,))]))["Empty"]
    assert [cell.value for row in sheet.iter_rows() for cell in row] == ["A", "US$"]


@pytest.mark.parametrize("title", ["Report", "2022 & after", '"Arial" & others', "x" * 300])
def test_a_printed_page_is_a4_and_says_what_it_is_of(title: str) -> None:
    sheet = opened(write_workbook(title, SOME_DAY, [Table("Money", ("US$",), [(Dollars(1),)])]))["Money"]
    assert sheet.page_setup.paperSize == int(sheet.PAPERSIZE_A4)
    assert (sheet.oddFooter.center.text, sheet.oddFooter.right.text) == ("&A", "&P / &N")
    assert sheet.oddFooter.left.text.replace("&&", "&") == f" {title[:100]}"


def test_a_column_is_as_wide_as_its_figures_and_half_its_heading() -> None:
    heads = ("Interest, differences, refunds", "Internationalization", "Share")
    row = (Dollars(1_00), Dollars(1_00), Dollars(-123_456_789_00))
    sheet = opened(write_workbook("", SOME_DAY, [Table("Money", heads, [row])]))["Money"]
    wide = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert wide[0] < len(heads[0])
    assert wide[1] > len(heads[1])
    assert wide[2] > len("-123,456,789.00")


@given(st.integers(0, 16_383))
def test_columns_are_named_as_spreadsheets_name_them(place: int) -> None:
    assert column_letter(place) == get_column_letter(place + 1)


# ---- the texts


HOSTILE = [
    '=HYPERLINK("http://example.org","x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "#N/A", "12", "1e5",
    "\x00\x07bell", "\u202ereversed", "\uffff", "<v>1</v></f><v/>", "a\nb", "x" * 40_000, "=\x1b[31m",
    "<r><t>rich</t></r>", "<r></r>", "=<r></r>", "_x0041_", " blanks ", "http://example.org", "{=1+1}",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_stays_a_text(text: str) -> None:
    table = Table("Texts", ("Text", "US$"), [(text, Dollars(1_00))], summed=(1,))
    content = write_workbook(text, SOME_DAY, [table])
    cell = opened(content)["Texts"]["A2"]
    assert cell.data_type == "s"
    assert cell.value == safe(text)
    assert len(cell.value) <= 32_767
    assert cell.quotePrefix == (cell.value.lstrip()[:1] in {*"=+-@"})
    assert opened(content, results=True)["Texts"]["B3"].value == 1


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_any_text_can_be_read_again(text: str) -> None:
    sheet = opened(write_workbook("", SOME_DAY, [Table("Texts", ("Text",), [(text,)])]))["Texts"]
    assert (sheet["A2"].value or "") == safe(text)


def test_no_name_becomes_a_formula() -> None:
    left_out = NotFunded(activity="C0-0", units=1, cents=1, reason='=cmd|"/c calc"!A1')
    named = made_up({(0, 0): 5_00}, title="=1+1", names={0: "@evil"}, not_funded=[left_out])
    book = opened(render_plan_workbook(named))
    formulas = {cell.value for sheet in book for row in sheet.iter_rows()
                for cell in row if cell.data_type == "f"}  # fmt: skip
    assert all(re.fullmatch(r"=(SUM\(\w+:\w+\)|[\w '!-]+)", formula) for formula in formulas)
    assert book["Plan"]["B3"].value == "=1+1"
    assert book["Not funded"]["E2"].value == left_out.reason


# ---- the file


def test_equal_plans_make_equal_files(example_plan: NamedPlan) -> None:
    content = render_plan_workbook(example_plan)
    assert content == render_plan_workbook(example_plan)
    with ZipFile(BytesIO(content)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in archive.namelist() if "vba" in name.lower()]
    properties = opened(content).properties
    assert properties.created == properties.modified == datetime(2022, 3, 31)  # noqa: DTZ001
    assert properties.creator == "Multi-donor Funding Modality"


def test_a_workbook_written_on_another_day_by_another_process_has_the_same_bytes() -> None:
    title, table = "Gifts", Table("Money", ("Who", "US$"), [("=A", Dollars(1_10))], summed=(1,))
    program = f"""if True:
        import sys, datetime
        from reports.render.workbook import Dollars, Table
        from reports.render.xlsx import write_workbook
        table = Table("Money", ("Who", "US$"), [("=A", Dollars(1_10))], summed=(1,))
        day = datetime.date.fromisoformat("{SOME_DAY}")
        sys.stdout.buffer.write(write_workbook({title!r}, day, [table]))
    """
    elsewhere = {**os.environ, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)}
    made = subprocess.run([sys.executable, "-c", program], env=elsewhere, capture_output=True, check=True)
    assert made.stdout == write_workbook(title, SOME_DAY, [table])


def test_a_planner_finds_the_way(example_plan: NamedPlan) -> None:
    for sheet in opened(render_plan_workbook(example_plan)):
        assert sheet.freeze_panes == "B2"
        left, top, right, last = range_boundaries(sheet.auto_filter.ref)
        assert (left, top, right) == (1, 1, sheet.max_column)
        assert last in {sheet.max_row, sheet.max_row - 1}
        widths = [sheet.column_dimensions[get_column_letter(at)].width for at in range(1, right + 1)]
        assert all(5 <= width <= 63 for width in widths)


def test_the_command_writes_the_workbook(demo: Demo, tmp_path: Path, example_plan: NamedPlan) -> None:
    out = tmp_path / "new" / "plan.xlsx"
    command = [str(demo.folder / "plan.json"), "--out", str(out)]
    told = CliRunner().invoke(workbook, command, obj=str(demo.book))
    assert told.exit_code == 0, told.output
    assert out.read_bytes() == render_plan_workbook(example_plan)


def test_where_it_cannot_be_written_nothing_stays_behind(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    command = [str(demo.folder / "plan.json"), "--out", str(tmp_path / "folder")]
    told = CliRunner().invoke(workbook, command, obj=str(demo.book))
    assert re.fullmatch(r".*folder cannot be written: [^.]+\.", str(told.exception))
    assert list(tmp_path.rglob("*")) == [tmp_path / "folder"]
