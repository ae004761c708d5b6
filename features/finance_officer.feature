Feature: What donors give is kept in trust and accounted for
  The finance officer records what donors sign and send. Money is owed to its donor until it is used,
  a second person approves whatever moves it, and nothing in the books is ever edited.

  Background:
    Given the books of the term 2021-2023 are open
    And from 2021-12-01 a US dollar costs 0.80 EUR at the UN rate

  Scenario: A contribution in euros becomes the dollars it is worth on the day it arrives
    Given the member city has signed agreement A-CITY for EUR 100,000.00
    When the finance officer records that EUR 40,000.00 arrived on 2021-12-15 under A-CITY
    Then it waits for another person, and the books are as before
    When the director approves what waits
    Then the last entry was made by the finance officer and approved by the director
    And US$50,000.00 of A-CITY is available
    And EUR 60,000.00 of A-CITY is still to come
    And EUR 40,000.00 is at the bank
    And assets are liabilities less use, and there is no revenue

  @as_installed
  Scenario: Nobody approves their own entry
    Given the member city has signed agreement A-CITY for EUR 100,000.00
    When the finance officer records that EUR 40,000.00 arrived on 2021-12-15 under A-CITY
    And the finance officer approves what waits
    Then it is refused: "finance officer cannot approve this too (contribution received): another person must."
    And the books are as before

  Scenario: A gift without an agreement may be used for anything
    When the finance officer records a gift of USD 12,345.67 from the community organisation on 2021-12-15
    And the director approves what waits
    Then US$12,345.67 of R-1 is available
    And R-1 is not earmarked
    And assets are liabilities less use, and there is no revenue

  Scenario: Goods in kind are recognised at their fair value
    Given the foundation has signed agreement A-FOUND for USD 0
    When the finance officer records goods worth EUR 8,000.00 under A-FOUND, with their valuation
    And the director approves what waits
    Then the trial balance shows US$10,000.00 of "In-kind assets (goods)"
    And the trial balance shows US$10,000.00 of "Funds held in trust: in kind"
    And US$0.00 of A-FOUND is available
    And assets are liabilities less use, and there is no revenue

  Scenario: Hosting is disclosed and leaves the accounts alone
    Given the member city has signed agreement A-CITY for USD 0
    When the finance officer records hosting worth EUR 4,000.00 under A-CITY, with its invoice
    And the director approves what waits
    Then the trial balance shows US$5,000.00 of "Memo: services in kind"
    And assets, liabilities and use are all nothing

  Scenario: A value in kind needs evidence
    Given the foundation has signed agreement A-FOUND for USD 0
    When the finance officer records goods worth EUR 8,000.00 under A-FOUND, with nothing to prove it
    Then it is refused: "a value in kind needs evidence"
    And the books are as before

  Scenario: A closed month takes no more entries
    Given the month 2021-12 is closed on 2022-01-10
    When the finance officer records a gift of USD 5.00 from the foundation on 2021-12-31
    Then it is refused: "2021-12-31 lies in the closed period 2021-12"
    And the books are as before
    When the finance officer records a gift of USD 5.00 from the foundation on 2022-01-01
    Then it waits for another person, and the books are as before

  Scenario: The bank's confirmation proves the closing of a month
    When the bank confirms the balance of 2021-12, and the officer closes it on 2022-01-10
    And the director approves what waits
    Then the bank's confirmation is the evidence of the last entry

  Scenario: A mistake is corrected by reversal, and both stay in the books
    Given the member city has signed agreement A-CITY for EUR 100,000.00
    And EUR 4,000.00 has arrived on 2021-12-15 under A-CITY
    When the finance officer reverses the last entry on 2021-12-16, because "the bank sent 40,000.00"
    And the director approves what waits
    Then the last entry mirrors the one before it
    And US$0.00 of A-CITY is available
    And EUR 100,000.00 of A-CITY is still to come
    And assets are liabilities less use, and there is no revenue

  Scenario: A donor wants the rest back, and its agreement is closed
    Given the foundation has signed agreement A-FOUND for USD 30,000.00
    And USD 20,000.00 has arrived on 2021-12-15 under A-FOUND
    When the finance officer asks what is left before A-FOUND can be closed
    Then the answer is no
    And this is left
      | still owed by the donor | 10,000.00 |
      | available               | 20,000.00 |
    When the finance officer closes A-FOUND on 2022-02-01
    Then it is refused: "cannot be closed yet: US$10,000.00 is left (still owed by the donor: FOUND)"
    When the finance officer writes USD 10,000.00 of A-FOUND off and agrees to refund US$20,000.00 of it
    And the director approves what waits
    And the finance officer asks what is left before A-FOUND can be closed
    Then this is left
      | refund not paid | 20,000.00 |
    When the finance officer pays the refund on 2022-02-01
    And the director approves what waits
    And the finance officer closes A-FOUND on 2022-02-01
    And the director approves what waits
    Then nothing is left under A-FOUND, and it was closed on 2022-02-01
    And assets, liabilities and use are all nothing
    When the finance officer records that USD 5.00 arrived on 2022-01-20 under A-FOUND
    Then it is refused: "The agreement A-FOUND was closed on 2022-02-01"
    And the books are as before

  Scenario: The same bank advice recorded twice is one entry
    Given the member city has signed agreement A-CITY for EUR 100,000.00
    And EUR 4,000.00 has arrived on 2021-12-15 under A-CITY
    When the finance officer records the same contribution again
    Then it is done, and the books are as before
    When the finance officer records it again as EUR 5,000.00
    Then it is refused: "is in the books already"
    And the books are as before

  Scenario: Instalments fall due one after the other, and one waits for its condition
    Given the member city has signed agreement A-CITY for EUR 100,000.00, to come as
      | 2021-12-15 40,000.00                                 |
      | 2021-12-20 30,000.00 if the first report is accepted |
      | 2022-01-10 30,000.00                                 |
    And EUR 25,000.00 has arrived on 2021-12-15 under A-CITY
    Then on 2021-12-22 it is due within 30d
      | instalment | due        | outstanding | US$       | state                   | days late |
      | 1          | 2021-12-15 | 15,000.00   | 18,750.00 | late                    | 7         |
      | 2          | 2021-12-20 | 30,000.00   | 37,500.00 | waits for its condition | 0         |
      | 3          | 2022-01-10 | 30,000.00   | 37,500.00 | due                     | 0         |
    When the finance officer records on 2021-12-23 that the condition of instalment 2 of A-CITY is met
    And the director approves what waits
    And EUR 15,000.00 has arrived on 2021-12-28 under A-CITY
    Then on 2021-12-28 it is due within 7d
      | instalment | due        | outstanding | US$       | state | days late |
      | 2          | 2021-12-23 | 30,000.00   | 37,500.00 | late  | 5         |
    And on 2021-12-22 it is due within 7d
      | instalment | due        | outstanding | US$       | state                   | days late |
      | 1          | 2021-12-15 | 15,000.00   | 18,750.00 | late                    | 7         |
      | 2          | 2021-12-20 | 30,000.00   | 37,500.00 | waits for its condition | 0         |
    And US$50,000.00 of A-CITY is available
    And assets are liabilities less use, and there is no revenue

  Scenario: A bank file is read once, in whichever version of camt.053 it comes again
    Given from 2023-01-01 a US dollar costs 0.80 EUR at the UN rate
    When the finance officer records the bank's January 2023 from a camt.053 file of version 02
    And the director approves what waits
    Then EUR 34,200.00 is at the bank
    When the finance officer records the bank's January 2023 from a camt.053 file of version 08
    Then it is done, and the books are as before
    And the answer is "All 3 lines with money that came are already booked: nothing is recorded."
    And the seal of the last entry is as before
    When the finance officer records the bank's January 2023 from a camt.053 file of version 02
    Then it is done, and the books are as before
    And the seal of the last entry is as before

  Scenario: A transfer that nobody knows is identified three weeks later, and counts from the day it arrived
    Given from 2023-01-01 a US dollar costs 0.80 EUR at the UN rate
    And the government has signed agreement A-GOV for EUR 100,000.00
    And money that nobody knows is in the books from the bank's January 2023
    When the finance officer identifies EX230120000033 on 2023-02-10 as money of A-GOV
    And the director approves what waits
    Then the statement of the government up to 2023-02-10 has US$12,500.00 of 20 Jan 2023
    And the statement of the government up to 2023-01-31 has US$12,500.00 of 20 Jan 2023
    But the statement of the government up to 2023-01-19 has nothing
    And as known before, the statement of the government up to 2023-01-31 has nothing
    And as known before, the statement of the government up to 2023-02-10 has nothing
    And US$30,250.00 was not identified on 2023-01-31, and as known before US$42,750.00
    And US$12,500.00 of A-GOV is available
    And EUR 90,000.00 of A-GOV is still to come
    And assets are liabilities less use, and there is no revenue

  Scenario: Statements of a closed month stay the same when its money is identified later
    Given from 2023-01-01 a US dollar costs 0.80 EUR at the UN rate
    And the government has signed agreement A-GOV for EUR 100,000.00
    And money that nobody knows is in the books from the bank's January 2023
    And the month 2023-01 is closed on 2023-02-03
    When the finance officer identifies EX230120000033 on 2023-02-10 as money of A-GOV
    And the director approves what waits
    Then the statement of the government up to 2023-01-31 has nothing
    And the statement of the government up to 2023-02-09 has nothing
    But the statement of the government up to 2023-02-10 has US$12,500.00 of 20 Jan 2023
    And US$42,750.00 was not identified on 2023-01-31, and as known before US$42,750.00

  Scenario: A city's answers to the questionnaire become offers, and two of them an agreement
    When the finance officer previews and imports the member city's answers to the questionnaire
      | workshop             | workshop_value | financial   | financial_value | other        |
      | A hall for 40 people | EUR 6 000,00   | Once a term | EUR 10,000.00   | Interpreters |
    Then these offers are open: O-CITY-financial, O-CITY-other, O-CITY-workshop
    When the finance officer signs A-CITY for EUR 10,000.00, accepting O-CITY-workshop and O-CITY-financial
    And the director approves what waits
    Then these offers are open: O-CITY-other
    And O-CITY-workshop and O-CITY-financial are accepted by A-CITY
    And EUR 10,000.00 of A-CITY is still to come

  Scenario: Forty small gifts come in a spreadsheet, three of them written wrongly
    Given a spreadsheet of 40 small gifts from the community organisation, with mistakes
      | row | column      | written    |
      | 4   | received_on | 03/04/2022 |
      | 17  | amount      | 1.234      |
      | 38  | reference   |            |
    When the finance officer imports the spreadsheet
    Then all mistakes are listed, each with its row and column
    And the books are as before
    When the mistakes are mended
    And the finance officer imports the spreadsheet
    Then it is done, and the books are as before
    And the table ends with "New: 40 contributions: 820.00 USD."
    When the finance officer imports the spreadsheet and records it
    And the director approves what waits
    Then 40 gifts are in the books, made by the finance officer and approved by the director
    And assets are liabilities less use, and there is no revenue
    When the finance officer imports the spreadsheet and records it
    Then it is done, and the books are as before
    And the answer is "Already booked: 40 contributions."

  Scenario Outline: A mistake in a contribution is reported in one sentence and changes nothing
    Given the member city has signed agreement A-CITY for EUR 100,000.00
    When the finance officer records that <amount> arrived on <day> under <agreement>
    Then it is refused: "<sentence>"
    And the books are as before

    Examples:
      | amount         | day        | agreement | sentence                                       |
      | XYZ 5.00       | 2021-12-15 | A-CITY    | 'XYZ' is not a currency                        |
      | EUR 1,000,00   | 2021-12-15 | A-CITY    | '1,000,00' is not an amount of EUR             |
      | EUR 0.001      | 2021-12-15 | A-CITY    | has more than 2 decimals                       |
      | EUR 100,000.01 | 2021-12-15 | A-CITY    | is more than agreement A-CITY still owes       |
      | USD 5.00       | 2021-12-15 | A-CITY    | The agreement A-CITY is in EUR, not in USD     |
      | EUR 5.00       | 2023-11-01 | A-CITY    | is outside the dates of agreement A-CITY       |
      | EUR 5.00       | 2021-12-32 | A-CITY    | '2021-12-32' is not a day                      |
      | EUR 5.00       | 2021-12-15 | A-NOBODY  | There is no agreement 'A-NOBODY' in this book. |

  Scenario Outline: A table of rates that is not right is refused as a whole
    When the finance officer imports rates with the row "<row>"
    Then it is refused: "<sentence>"
    And the books are as before

    Examples:
      | row                     | sentence                                  |
      | 2022-13-01,EUR,0.90,UN  | write the date as YYYY-MM-DD              |
      | 2022-01-01,EURO,0.90,UN | 'EURO' is not a currency                  |
      | 2022-01-01,EUR,none,UN  | 'none' is not a rate for EUR               |
      | 2022-01-01,EUR,-0.90,UN | '-0.90' is not a rate for EUR              |
      | 2022-01-01,KRW,1191,UN  | KRW stands twice                          |

  Scenario: Nothing is signed with a private donor before it is screened
    Given a company asks to give, and nobody has looked into it
    When the finance officer records that the company signs agreement A-FIRM for USD 5,000.00
    Then it is refused: "The private donor FIRM was not screened"
    And the books are as before
    When the finance officer records that screening cleared the company
    And the director approves what waits
    And the finance officer records that the company signs agreement A-FIRM for USD 5,000.00
    And the director approves what waits
    Then the last entry was made by the finance officer and approved by the director
    And USD 5,000.00 of A-FIRM is agreed

  Scenario: With a donor that was excluded nothing is signed
    Given a company asks to give, and nobody has looked into it
    When the finance officer records that screening excluded the company for weapons
    And the director approves what waits
    And the finance officer records that the company signs agreement A-FIRM for USD 5,000.00
    Then it is refused: "excluded on 2021-12-01 (weapons)"
    And the books are as before

  Scenario: A person is erased, and the journal never knew of them
    Given Example Person is kept as a contact of the member city
    When the finance officer erases Example Person as a contact of the member city
    Then nothing of Example Person is left in the file of the books
    And apart from contacts the books are as before

  Scenario: A donor from a country that does not exist
    When the finance officer registers a donor from "XXX"
    Then it is refused: "There is no country 'XXX'"
    And the books are as before

  Scenario: A second book over the first
    When the finance officer opens new books in the same place
    Then it is refused: "is there already, and nothing is written over it"
    And the books are as before

  Scenario: The director reads the evidence before deciding
    Given the finance officer asks to record that USD 60.00 arrived, with advice.txt as its evidence
    When the director saves the evidence of what waits
    Then advice.txt comes out as it went in
    When the director approves what waits
    Then the last entry was made by the finance officer and approved by the director

  Scenario: The doctor says that a backup is missing, and is content after one
    When the finance officer asks the doctor
    Then it says of the backup: "make one with `mdfm backup`"
    When the finance officer makes a backup
    And the finance officer asks the doctor
    Then it says of the backup: "nothing was recorded since"

  Scenario: A book that was lost comes back from its backup
    Given Example Person is kept as a contact of the member city
    And the finance officer backed up the books
    When the disk with the books is lost
    And the finance officer restores the backup
    Then the books are those of the backup, and Example Person is in them

  Scenario: A backup is not written over another
    Given the finance officer backed up the books
    When the finance officer backs up the books
    Then it is refused: "is there already, and nothing is written over it"
    And the books are as before

  Scenario: A backup is not restored over a book
    Given the finance officer backed up the books
    When the finance officer restores the backup
    Then it is refused: "is there already, and nothing is written over it"
    And the books are as before

  Scenario: Nobody works in a backup by mistake
    Given the finance officer backed up the books
    When the finance officer registers a donor in the backup
    Then it is refused: "is a backup, for reading only: restore it first"

  Scenario: A book of an earlier version is upgraded, and nothing that was recorded changes
    Given the books are those that version 0.1.0 of the program made
    When the finance officer lists the entries
    Then it is refused: "upgrade it with `mdfm upgrade`"
    When the finance officer asks what an upgrade would do
    Then migration 0004 is named, and the books are as before
    When the finance officer upgrades the books
    Then the books end with the entry of then, and are sound
    And a backup of the books as they were lies beside them

  Scenario: An upgrade that cannot write its backup changes nothing
    Given the books are those that version 0.1.0 of the program made
    When the finance officer upgrades the books, with a backup over another file
    Then it is refused: "is there already, and nothing is written over it"
    And the books are as before

  Scenario: A file that is no book is not called a damaged one
    When the finance officer takes README.md for the books
    Then it is refused: "README.md is not a book: it is no SQLite database"

  Scenario: While the clock is set back, nothing is recorded and nothing is proposed
    Given the member city has signed agreement A-CITY for EUR 100,000.00
    And the last entry was recorded by a clock that was an hour ahead
    When the finance officer records that EUR 40,000.00 arrived on 2021-12-15 under A-CITY
    Then it is refused: "and time in the books never goes back: set the clock right"
    And the books are as before
    When the finance officer registers a donor from "KOR"
    Then it is refused: "and time in the books never goes back: set the clock right"
    And the books are as before
