Feature: Each donor is told what became of its money
  A donor gets a statement in its own language. Every figure of it is a sum of lines in the journal, and
  the same statement can be printed again at any time.

  Background:
    Given the example fund at the end of its first year

  Scenario Outline: A statement in the donor's language says what the journal says
    When <donor> is sent its statement up to 2022-12-31
    Then it is titled "<title>"
    And it says what <donor> gave, what was used of it, for what, and what is left, as the journal does
    And it carries the day, the entry and the seal of the books

    Examples:
      | donor  | title                           |
      | BANK-A | Accountability statement        |
      | GOV-A  | Relevé de redevabilité          |
      | NGO-A  | Estado de rendición de cuentas  |

  @as_installed
  Scenario: Each cent of a statement is found again in the journal
    When GOV-A asks where the figures of its statement come from
    Then every figure is the sum of the lines named under it
    And every line named is in the journal
    And no line of the journal that used GOV-A's money is missing

  Scenario: What all donors are told adds up to what the fund used
    When every donor asks where the figures of its statement come from
    Then their uses add up to the use in the trial balance

  Scenario: A gift of staff is disclosed with its value and its evidence
    When UNI-A is sent its statement up to 2022-12-31
    Then it shows K-SECONDMENT at US$45,000.00, proved by "secondment-letter.txt"

  Scenario: A statement printed again later is the same, byte for byte
    When GOV-A is sent its statement up to 2022-12-31
    And a gift of USD 1,000.00 from GOV-A arrives on 2023-01-10
    And the same statement is printed again
    Then both prints are the same, byte for byte
    But the statement as known today is another

  Scenario Outline: A statement that cannot be is not written
    When <donor> is sent its statement up to <day>
    Then it is refused: "<sentence>"
    And there is no statement

    Examples:
      | donor  | day        | sentence                              |
      | NOBODY | 2022-12-31 | There is no donor 'NOBODY'            |
      | GOV-A  | 2021-10-31 | before it starts on 2021-11-01        |
      | GOV-A  | tomorrow   | 'tomorrow' is not a day               |
