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

  Scenario Outline: An entry that says another time is found, however well it is sealed
    When somebody who owns the file has the last entry recorded at <time>, and seals it again
    And the auditor verifies the book
    Then the answer is no, and that entry alone is named for its time
    When the auditor replays the book from its events
    Then the answer is no, and that entry alone is named for its time

    Examples:
      | time                             |
      | last week                        |
      | 2022-02-31T00:00:00.000000+00:00 |
      | 2021-11-01T00:00:00.000000+00:00 |

  Scenario: An issued statement is known, whatever the layout and wording of today
    Given GOV-A was issued its statement up to 2022-12-31 on 2023-03-31
    When statements are drawn in another layout and with another word
    And the auditor checks the statement
    Then it is the file that was issued on 2023-03-31 to the donor GOV-A

  Scenario: A copy of an issued statement that was saved again is recognised with every figure
    Given GOV-A was issued its statement up to 2022-12-31 on 2023-03-31
    When statements are drawn in another layout and with another word
    And somebody opens the statement and saves it again
    And the auditor checks the statement
    Then it is a copy of it, in which every figure agrees

  Scenario: One figure changed in an issued statement is named
    Given GOV-A was issued its statement up to 2022-12-31 on 2023-03-31
    When statements are drawn in another layout and with another word
    And somebody changes a digit on page 2 of it
    And the auditor checks the statement
    Then the answer is no, and that figure is named beside what the books say

  Scenario: One figure changed in a statement that nobody issued is named
    Given GOV-A was sent its statement up to 2022-12-31
    When somebody changes a digit on page 2 of it
    And the auditor checks the statement
    Then the answer is no, and that figure is named beside what the books say

  Scenario: A figure painted over in an issued statement is noticed
    Given GOV-A was issued its statement up to 2022-12-31 on 2023-03-31
    When somebody paints over page 2 of it
    And the auditor checks the statement
    Then the answer is no, and the drawing of page 2 is named

  Scenario: A letter that was exchanged in the book is found
    Given BANK-A was issued the letter for R-2021-001 on 2023-03-31
    When somebody who owns the file exchanges the letter
    And the auditor verifies the book
    Then the answer is no, and the entry that issued the letter is named

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

  Scenario: The evidence of a sample is taken in one file
    When the auditor takes the evidence of a sample of 3 entries, drawn with "audit 2022"
    Then the zip has a folder for each of 3 entries, and each file has the SHA-256 of the index
    When the auditor takes the evidence of a sample of 3 entries, drawn with "audit 2022"
    Then it is the same file

  Scenario: Evidence that was exchanged is not handed out
    When somebody who owns the file exchanges the evidence "goods-valuation.txt"
    And the auditor saves the evidence of the last entry "goods received"
    Then the answer is no: "was changed in the book, and is not written"
    And no file was written

  Scenario: A checkpoint is never written over another one
    Given the auditor has a checkpoint in head.json
    When the auditor takes a checkpoint into head.json again
    Then it is refused: "head.json already"

  Scenario: The doctor finds a seal that was taken off
    When somebody with the database drops the trigger that seals entries
    And the auditor asks the doctor
    Then the answer is no, and the doctor names protection

  Scenario: A backup shows that a plain copy lost its newest entries
    Given a plain copy of the book, which lacks the 3 newest entries
    And the finance office backed up the book
    When the auditor verifies the copy
    Then it is sound, but for the entries that nobody can miss
    When the auditor compares the copy with the backup
    Then the answer is no, and the 3 entries are named
    When the auditor compares the book with the backup
    Then it is sound, as it was when the backup was taken

  Scenario: A plain copy is not restored, and a backup that was changed is not either
    Given a plain copy of the book, which lacks the 3 newest entries
    And the finance office backed up the book
    When somebody restores the copy in another place
    Then it is refused: "is a book and no backup"
    When somebody who owns the backup changes it
    And somebody restores the backup in another place
    Then the answer is no: "does not verify, so nothing was restored"
    And nothing is in the other place

  Scenario: A backup is read like the book
    Given the finance office backed up the book
    When the auditor replays the backup from its events
    Then it is sound, and ends with the same seal

  Scenario: A stranger judges the export without this program, and a new book comes out of it
    Given a gift of CORP-A waits for the director
    When the auditor exports the book
    And a stranger judges the export by the published rules
    Then the stranger finds it sound, with the seal of the book
    When somebody rebuilds a book from the export
    Then the new book has the same entries, and the gift waits there

  Scenario Outline: A forged export is found by a stranger, and no book comes out of it
    When the auditor exports the book
    And somebody forges <what> in the export, and seals it again
    And a stranger judges the export by the published rules
    Then the stranger names the line: "<why>"
    When somebody rebuilds a book from the export
    Then it is refused: "<refusal>"
    And nothing is in the other place

    Examples:
      | what                        | why                                               | refusal                                |
      | the approval of an entry    | it was not approved by a second person            | was not approved by a second person    |
      | the donor of a pledge       | a line lacks a dimension that its account         | cannot be recorded again               |
      | the rule of a second person | the kind 'grant committed' is not as published    | other rules than this program          |
      | a file of evidence          | the file is not what its name says                | is not the one that it is said to be   |

  Scenario: Contacts and letters are exported only when they are asked for
    Given the finance office knows "Ana Pérez" at GOV-B
    When the auditor exports the book
    Then the export has no "Ana Pérez"
    When the auditor exports the book with contacts
    Then the export has "Ana Pérez", and the command says that it holds personal data
