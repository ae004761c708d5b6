Feature: Anybody can check the whole book
  The auditor trusts nobody. Every entry is sealed to the one before it, the book can be rebuilt from its
  events alone, and whoever changes a byte behind the program's back is found out, with the place.

  Background:
    Given the example fund at the end of its first year

  @as_installed
  Scenario: A sound book is verified and replayed
    When the auditor verifies the book
    Then it is sound, with 6 pieces of evidence and the plan
    When the auditor replays the book from its events
    Then it is sound, and ends with the same seal

  Scenario: A contribution is followed from the bank to the donor's statement
    When the auditor follows R-2022-001 through the books up to 2022-12-31
    Then its entry is in the journal as printed, with both names and the seal
    And what was used, what is unspent and what is available add up to it
    And every step of its way is a line of the journal
    And the donor's statement says the same of it

  Scenario: The trial balance has no revenue
    Then assets are liabilities less use, and there is no revenue

  Scenario: Donors' statements add up to the fund's report, and that to the trial balance
    When the auditor takes the financial report of 2022 as CSV files
    Then the row of each donor is what its statement of 2022 says
    And the donors' use and balances are those of the trial balance
    And the use by activity and by category is the same use

  Scenario: What moves money has two names
    Then no entry that was approved was approved by the one who made it
    And every entry that moves money was approved

  Scenario: A slip of the pen stays to be seen
    When the auditor looks for what was reversed
    Then the last entry reversed mirrors its original, and gives the reason "travel was 13,200.00"

  Scenario Outline: A change behind the program's back is found, and the entry named
    When somebody who owns the file changes <what> of the last entry "<kind>"
    And the auditor verifies the book
    Then the answer is no, and that entry is named

    Examples:
      | what                  | kind                  |
      | an amount             | contribution received |
      | a value in dollars    | contribution received |
      | an account            | expenditure reported  |
      | an agreement          | plan approved         |
      | the text of the event | contribution received |
      | the day               | expenditure reported  |
      | the moment            | donor registered      |
      | the maker             | entry reversed        |
      | the approver          | plan approved         |
      | the seal              | period closed         |
      | the link              | rates published       |

  Scenario: One figure changed in a donor's statement is named
    Given GOV-A was sent its statement up to 2022-12-31
    When somebody changes a digit on page 2 of it
    And the auditor checks the statement
    Then the answer is no, and that figure is named beside what the books say

  Scenario: A figure painted over in a donor's statement is noticed
    Given GOV-A was sent its statement up to 2022-12-31
    When somebody paints over page 2 of it
    And the auditor checks the statement
    Then the answer is no, and the drawing of page 2 is named

  Scenario: Evidence that was exchanged is found
    When somebody who owns the file exchanges the evidence "goods-valuation.txt"
    And the auditor verifies the book
    Then the answer is no, and the entry with that evidence is named

  Scenario: A balance that was changed is found by a replay
    When somebody who owns the file adds a dollar to what is available
    And the auditor replays the book from its events
    Then the answer is no

  Scenario Outline: The database itself refuses to edit what is sealed
    When somebody with the database tries to <change>
    Then the database refuses, and the book is as before

    Examples:
      | change                              |
      | UPDATE line SET usd = usd + 1       |
      | UPDATE entry SET approved_by = 'me' |
      | DELETE FROM line                    |
      | DELETE FROM entry                   |
      | DELETE FROM evidence                |
