Feature: Anybody can check the whole book
  The auditor trusts nobody. Every entry is sealed to the one before it, the book can be rebuilt from its
  events alone, and whoever changes a byte behind the program's back is found out, with the place.

  Background:
    Given the example fund at the end of its first year

  @as_installed
  Scenario: A sound book is verified and replayed
    When the auditor verifies the book
    Then it is sound, with 4 pieces of evidence and the plan
    When the auditor replays the book from its events
    Then it is sound, and ends with the same seal

  Scenario: The trial balance has no revenue
    Then assets are liabilities less use, and there is no revenue

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
